// Stored arrays delivered as they are: profiles, descriptors, images, token ids.
#include "feed.h"

namespace isolens {
namespace {

class DenseFeed final : public Feed {
 public:
  DenseFeed(std::shared_ptr<const Dataset> data, float scale) : data_(std::move(data)), scale_(scale) {}

  Status open(const FeedSpec& spec) {
    for (const DataFile& file : data_->files()) {
      const StoredTensor* tensor = file.tensors->find(spec.column);
      const size_t rank = tensor == nullptr ? 1 : tensor->shape.size();
      std::vector<int64_t> shape(rank, -1);
      if (rank > 0) shape[0] = file.rows;
      for (size_t d = 1; !columns_.empty() && d < rank && d < shape_.size(); d++) shape[d] = shape_[d];
      ISOLENS_TRY(Columns(file).get(&tensor, spec.column, {Element::kF32, Element::kU8, Element::kI32}, shape));
      if (rank == 0 || (!columns_.empty() && rank != shape_.size())) return Columns(file).refuse("expected column " + spec.column + " to have the same rank in every file.");
      if (spec.inputs[0].dtype == DType::kI32 && tensor->element == Element::kF32) return Columns(file).refuse("expected column " + spec.column + " to hold whole numbers.");
      shape_ = tensor->shape;
      columns_.push_back(tensor);
    }
    width_ = 1;
    for (size_t d = 1; d < shape_.size(); d++) width_ *= shape_[d];
    return Status::ok();
  }

  std::vector<std::vector<int64_t>> largest(int64_t rows) const override { return {shaped(rows)}; }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    batch.inputs[0].resize(shaped(static_cast<int64_t>(visits.size())));
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    const Dataset::Place place = data_->place(visits[static_cast<size_t>(item)].row);
    const StoredTensor& column = *columns_[place.file];
    const int64_t from = place.row * width_;
    switch (column.element) {
      case Element::kF32: copy(column.as<float>() + from, item, batch.inputs[0]); break;
      case Element::kU8: copy(column.as<uint8_t>() + from, item, batch.inputs[0]); break;
      default: copy(column.as<int32_t>() + from, item, batch.inputs[0]); break;
    }
    return Status::ok();
  }

 private:
  std::vector<int64_t> shaped(int64_t rows) const {
    std::vector<int64_t> shape = shape_;
    shape[0] = rows;
    return shape;
  }

  template <typename T>
  void copy(const T* from, int64_t item, PreparedInput& to) const {
    if (to.dtype == DType::kI32) {
      int32_t* row = to.i32.data() + item * width_;
      for (int64_t i = 0; i < width_; i++) row[i] = static_cast<int32_t>(from[i]);
    } else {
      float* row = to.f32.data() + item * width_;
      for (int64_t i = 0; i < width_; i++) row[i] = static_cast<float>(from[i]) * scale_;
    }
  }

  std::shared_ptr<const Dataset> data_;
  float scale_;
  int64_t width_ = 1;
  std::vector<int64_t> shape_;
  std::vector<const StoredTensor*> columns_;
};

Expected<std::unique_ptr<Feed>> make(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  auto feed = std::make_unique<DenseFeed>(std::move(data), static_cast<float>(spec.options["scale"].as_number(1.0)));
  ISOLENS_TRY(feed->open(spec));
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace

// scale: multiplies every number (1/255 for images of bytes).
FeedKind dense_feed() { return {"dense", {{"dense", "any"}}, {"scale"}, make}; }

}  // namespace isolens
