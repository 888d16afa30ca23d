// One whole number a row: a class label, an assay, a plate.
#include "feed.h"

namespace isolens {
namespace {

class GroupFeed final : public Feed {
 public:
  explicit GroupFeed(std::shared_ptr<const Dataset> data) : data_(std::move(data)) {}

  Status open(const std::string& column) {
    for (const DataFile& file : data_->files()) {
      const StoredTensor* tensor = nullptr;
      ISOLENS_TRY(Columns(file).get(&tensor, column, {Element::kI32, Element::kU16, Element::kU8}, {file.rows}));
      columns_.push_back(tensor);
    }
    return Status::ok();
  }

  std::vector<std::vector<int64_t>> largest(int64_t rows) const override { return {{rows}}; }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    batch.inputs[0].resize({static_cast<int64_t>(visits.size())});
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    const Dataset::Place place = data_->place(visits[static_cast<size_t>(item)].row);
    const StoredTensor& column = *columns_[place.file];
    int32_t& label = batch.inputs[0].i32[static_cast<size_t>(item)];
    switch (column.element) {
      case Element::kU8: label = column.as<uint8_t>()[place.row]; break;
      case Element::kU16: label = column.as<uint16_t>()[place.row]; break;
      default: label = column.as<int32_t>()[place.row]; break;
    }
    return Status::ok();
  }

 private:
  std::shared_ptr<const Dataset> data_;
  std::vector<const StoredTensor*> columns_;
};

Expected<std::unique_ptr<Feed>> make(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  auto feed = std::make_unique<GroupFeed>(std::move(data));
  ISOLENS_TRY(feed->open(spec.column));
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace

FeedKind group_feed() { return {"group", {{"label", "i32"}}, {}, make}; }

}  // namespace isolens
