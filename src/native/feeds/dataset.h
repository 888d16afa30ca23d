// Data files in a row: rows are numbered through all of them. A file listed twice is opened once and visited twice.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../core/safetensors.h"

namespace isolens {

struct DataFile {
  std::shared_ptr<const SafetensorsFile> tensors;
  int64_t rows = 0;
};

class Dataset {
 public:
  struct Place {
    size_t file = 0;
    int64_t row = 0;
  };

  static Expected<std::shared_ptr<const Dataset>> open(const std::vector<std::string>& paths);

  int64_t rows() const { return first_.back(); }
  const std::vector<DataFile>& files() const { return files_; }
  Place place(int64_t row) const;  // 0 <= row < rows()

 private:
  std::vector<DataFile> files_;
  std::vector<int64_t> first_;  // (files + 1)
};

// Columns of one file, refused with what was expected and received.
class Columns {
 public:
  explicit Columns(const DataFile& file) : file_(file) {}

  // `shape`: -1 accepts any size. `elements`: the accepted kinds.
  Status get(const StoredTensor** out, const std::string& name, const std::vector<Element>& elements,
             const std::vector<int64_t>& shape) const;
  // "NAME.offsets" and the like: I64 (rows + 1), from 0, never falling; the last is returned as *total.
  Status offsets(const int64_t** out, int64_t* total, const std::string& name) const;
  Status refuse(const std::string& why) const;

 private:
  const DataFile& file_;
};

}  // namespace isolens
