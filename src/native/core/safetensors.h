// The safetensors container: 8-byte little-endian header length, JSON header, raw little-endian data. Data files are
// mapped, not read; every size that a file claims is checked against the file before it is used.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "status.h"

namespace isolens {

enum class Element { kU8, kI8, kU16, kI32, kI64, kF16, kF32 };
size_t element_bytes(Element element);
const char* element_name(Element element);  // "U8", "F32", ...

struct StoredTensor {
  Element element = Element::kF32;
  std::vector<int64_t> shape;
  const void* data = nullptr;  // aligned to its element; valid while the file is open
  int64_t count() const {
    int64_t n = 1;
    for (int64_t d : shape) n *= d;
    return n;
  }
  template <typename T>
  const T* as() const {
    return static_cast<const T*>(data);
  }
};

class SafetensorsFile {
 public:
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  // `failure`: the code of a file that cannot be used (kDatasetInvalid, kCheckpointInvalid).
  static Expected<std::shared_ptr<const SafetensorsFile>> open(const std::string& path, Code failure);

  const std::string& path() const { return path_; }
  const StoredTensor* find(const std::string& name) const;
  const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  SafetensorsFile() = default;
  Status parse(Code failure);

  std::string path_;
  const unsigned char* bytes_ = nullptr;
  size_t size_ = 0;
  std::map<std::string, StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

struct TensorToStore {
  std::string name;
  Element element = Element::kF32;
  std::vector<int64_t> shape;
  const void* data = nullptr;
};

// Writes PATH.tmp, syncs it and renames it: a reader sees the old file or the whole new one. A full disk is kDiskFull and
// leaves the old file as it was.
Status write_safetensors(const std::string& path, const std::vector<TensorToStore>& tensors,
                         const std::map<std::string, std::string>& metadata);

// The same discipline for any bytes (embeddings, sidecars).
Status write_file_atomically(const std::string& path, const void* data, size_t bytes);

// A fast 64-bit digest of memory; guards checkpoints against flipped bits, not against forgery.
uint64_t digest64(const void* data, size_t bytes, uint64_t seed);

}  // namespace isolens
