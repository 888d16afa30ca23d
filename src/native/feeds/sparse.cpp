// Fingerprints stored as index lists, delivered as dense rows.
#include <cmath>
#include <cstring>

#include "feed.h"

namespace isolens {
namespace {

enum class Transform { kBinary, kCount, kLog1p };

struct SparseFile {
  const int64_t* offsets = nullptr;  // (rows + 1)
  const uint16_t* small = nullptr;   // (nnz) indices, one of the two
  const int32_t* large = nullptr;
  const uint8_t* counts = nullptr;   // (nnz) values, at most one of the two; neither: all 1
  const float* weights = nullptr;
};

class SparseFeed final : public Feed {
 public:
  SparseFeed(std::shared_ptr<const Dataset> data, int64_t width, Transform transform, float drop, float eval_drop)
      : data_(std::move(data)), width_(width), transform_(transform), drop_(drop), eval_drop_(eval_drop) {
    for (int i = 0; i < 256; i++) of_count_[i] = transformed(static_cast<float>(i));
  }

  Status open(const std::string& column) {
    for (const DataFile& file : data_->files()) {
      const Columns columns(file);
      SparseFile opened;
      int64_t total = 0;
      const StoredTensor* tensor = nullptr;
      ISOLENS_TRY(columns.offsets(&opened.offsets, &total, column + ".offsets"));
      ISOLENS_TRY(columns.get(&tensor, column + ".indices", {Element::kU16, Element::kI32}, {-1}));
      if (tensor->shape[0] < total) return columns.refuse("expected " + std::to_string(total) + " entries of " + column + ".indices but received " + std::to_string(tensor->shape[0]) + ".");
      if (tensor->element == Element::kU16) {
        opened.small = tensor->as<uint16_t>();
      } else {
        opened.large = tensor->as<int32_t>();
      }
      if (transform_ != Transform::kBinary || file.tensors->find(column + ".values") != nullptr) {
        ISOLENS_TRY(columns.get(&tensor, column + ".values", {Element::kU8, Element::kF32}, {tensor->shape[0]}));
        if (tensor->element == Element::kU8) {
          opened.counts = tensor->as<uint8_t>();
        } else {
          opened.weights = tensor->as<float>();
        }
      }
      files_.push_back(opened);
    }
    return Status::ok();
  }

  std::vector<std::vector<int64_t>> largest(int64_t rows) const override { return {{rows, width_}}; }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    batch.inputs[0].resize({static_cast<int64_t>(visits.size()), width_});
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    const Visit& visit = visits[static_cast<size_t>(item)];
    const Dataset::Place place = data_->place(visit.row);
    const float drop = visit.training ? drop_ : eval_drop_;
    Rng rng(visit.seed, visit.stream);
    const SparseFile& file = files_[place.file];
    float* row = batch.inputs[0].f32.data() + item * width_;
    std::memset(row, 0, static_cast<size_t>(width_) * sizeof(float));
    for (int64_t i = file.offsets[place.row]; i < file.offsets[place.row + 1]; i++) {
      const int64_t index = file.small != nullptr ? file.small[i] : file.large[i];
      if (index < 0 || index >= width_) {
        return Columns(data_->files()[place.file]).refuse("expected indices below " + std::to_string(width_) + " but row " + std::to_string(place.row) + " holds " + std::to_string(index) + ".");
      }
      if (drop > 0 && rng.chance(drop)) continue;
      row[index] = file.counts != nullptr ? of_count_[file.counts[i]] : file.weights != nullptr ? transformed(file.weights[i]) : 1.0f;
    }
    return Status::ok();
  }

 private:
  float transformed(float value) const {
    switch (transform_) {
      case Transform::kBinary: return value != 0.0f ? 1.0f : 0.0f;
      case Transform::kCount: return value;
      case Transform::kLog1p: return std::log1p(value);
    }
    return value;
  }

  std::shared_ptr<const Dataset> data_;
  int64_t width_;
  Transform transform_;
  float drop_, eval_drop_;  // chance of an entry to be left out, in training and in validation
  float of_count_[256];
  std::vector<SparseFile> files_;
};

Expected<std::unique_ptr<Feed>> make(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  const int64_t width = spec.options["width"].as_integer(0);
  if (width < 1 || width > (1 << 24)) return Status(Code::kArgumentInvalid, "Expected the sparse feed of " + spec.column + " to give its width.");
  const std::string& name = spec.options["transform"].as_string();
  Transform transform = Transform::kBinary;
  if (name == "count") {
    transform = Transform::kCount;
  } else if (name == "log1p") {
    transform = Transform::kLog1p;
  } else if (!name.empty() && name != "binary") {
    return Status(Code::kArgumentInvalid, "Expected the transform of the sparse feed as binary, count or log1p but received \"" + name + "\".");
  }
  const double drop = spec.options["drop"].as_number(0), eval_drop = spec.options["evalDrop"].as_number(0);
  if (!(drop >= 0 && drop < 1 && eval_drop >= 0 && eval_drop < 1)) {
    return Status(Code::kArgumentInvalid, "Expected drop and evalDrop of the sparse feed from 0 to below 1.");
  }
  auto feed = std::make_unique<SparseFeed>(std::move(data), width, transform, static_cast<float>(drop), static_cast<float>(eval_drop));
  ISOLENS_TRY(feed->open(spec.column));
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace

FeedKind sparse_feed() { return {"sparse", {{"dense", "f32"}}, {"width", "transform", "drop", "evalDrop"}, make}; }

}  // namespace isolens
