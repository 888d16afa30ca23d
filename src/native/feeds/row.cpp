// The number of each item's row in the data, counted over its files: where a memory bank, one row an item, keeps what the item gave.
// No column holds it.
#include <limits>

#include "feed.h"

namespace isolens {
namespace {

class RowFeed final : public Feed {
 public:
  std::vector<std::vector<int64_t>> largest(int64_t rows) const override { return {{rows}}; }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    batch.inputs[0].resize({static_cast<int64_t>(visits.size())});
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    batch.inputs[0].i32[static_cast<size_t>(item)] = static_cast<int32_t>(visits[static_cast<size_t>(item)].row);
    return Status::ok();
  }
};

Expected<std::unique_ptr<Feed>> make(const FeedSpec&, std::shared_ptr<const Dataset> data) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (data->rows() > kMost) {
    return Status(Code::kDatasetInvalid, "Expected at most " + std::to_string(kMost) + " rows for the row feed but received " + std::to_string(data->rows()) + ". Train on fewer rows.");
  }
  return std::unique_ptr<Feed>(std::make_unique<RowFeed>());
}

}  // namespace

FeedKind row_feed() { return {"row", {{"row", "i32"}}, {}, make}; }

}  // namespace isolens
