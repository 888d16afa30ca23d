#include "dataset.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace isolens {
namespace {

std::string text_of(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); i++) text += (i > 0 ? ", " : "") + (shape[i] < 0 ? std::string("*") : std::to_string(shape[i]));
  return text + ")";
}

Expected<int64_t> declared_rows(const SafetensorsFile& file) {
  const auto found = file.metadata().find("rows");
  const std::string text = found == file.metadata().end() ? "" : found->second;
  const bool digits = !text.empty() && text.size() < 16 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) {
    return Status(Code::kDatasetInvalid, "Expected the metadata of " + file.path() + " to give its number of rows but received \"" + text.substr(0, 40) + "\". Prepare the data again.");
  }
  return static_cast<int64_t>(std::strtoll(text.c_str(), nullptr, 10));
}

}  // namespace

Expected<std::shared_ptr<const Dataset>> Dataset::open(const std::vector<std::string>& paths) {
  auto dataset = std::make_shared<Dataset>();
  std::map<std::string, DataFile> opened;
  dataset->first_.push_back(0);
  for (const std::string& path : paths) {
    DataFile& file = opened[path];
    if (file.tensors == nullptr) {
      Expected<std::shared_ptr<const SafetensorsFile>> tensors = SafetensorsFile::open(path, Code::kDatasetInvalid);
      if (!tensors) return tensors.status();
      Expected<int64_t> rows = declared_rows(**tensors);
      if (!rows) return rows.status();
      file = {*tensors, *rows};
    }
    dataset->files_.push_back(file);
    dataset->first_.push_back(dataset->first_.back() + file.rows);
  }
  if (dataset->rows() == 0) return Status(Code::kDatasetInvalid, "Expected at least one row of data but received none.");
  if (dataset->rows() > INT32_MAX) return Status(Code::kDatasetInvalid, "Expected fewer than 2^31 rows of data.");
  return std::shared_ptr<const Dataset>(std::move(dataset));
}

Dataset::Place Dataset::place(int64_t row) const {
  const auto after = std::upper_bound(first_.begin(), first_.end(), row);
  const size_t file = static_cast<size_t>(after - first_.begin()) - 1;
  return {file, row - first_[file]};
}

Status Columns::refuse(const std::string& why) const {
  return {Code::kDatasetInvalid, "The data file " + file_.tensors->path() + " cannot be used: " + why + " Prepare the data again."};
}

Status Columns::get(const StoredTensor** out, const std::string& name, const std::vector<Element>& elements,
                    const std::vector<int64_t>& shape) const {
  const StoredTensor* tensor = file_.tensors->find(name);
  if (tensor == nullptr) return refuse("expected a column " + name + " but there is none.");
  if (std::find(elements.begin(), elements.end(), tensor->element) == elements.end()) {
    std::string names;
    for (const Element element : elements) names += (names.empty() ? "" : " or ") + std::string(element_name(element));
    return refuse("expected column " + name + " as " + names + " but received " + element_name(tensor->element) + ".");
  }
  bool fits = tensor->shape.size() == shape.size();
  for (size_t d = 0; fits && d < shape.size(); d++) fits = shape[d] < 0 || shape[d] == tensor->shape[d];
  if (!fits) return refuse("expected column " + name + " of shape " + text_of(shape) + " but received " + text_of(tensor->shape) + ".");
  *out = tensor;
  return Status::ok();
}

Status Columns::offsets(const int64_t** out, int64_t* total, const std::string& name) const {
  const StoredTensor* tensor = nullptr;
  ISOLENS_TRY(get(&tensor, name, {Element::kI64}, {file_.rows + 1}));
  const int64_t* offsets = tensor->as<int64_t>();
  bool valid = offsets[0] == 0;
  for (int64_t row = 0; valid && row < file_.rows; row++) valid = offsets[row] <= offsets[row + 1];
  if (!valid) return refuse("expected column " + name + " to begin at 0 and never to fall.");
  *out = offsets;
  *total = offsets[file_.rows];
  return Status::ok();
}

}  // namespace isolens
