// Which measurement a row was drawn for: rows of equal label are positive to each other. The sampler gives it, no column holds it.
#include "feed.h"

namespace isolens {
namespace {

class LabelFeed final : public Feed {
 public:
  std::vector<std::vector<int64_t>> largest(int64_t rows) const override { return {{rows}}; }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    batch.inputs[0].resize({static_cast<int64_t>(visits.size())});
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    batch.inputs[0].i32[static_cast<size_t>(item)] = visits[static_cast<size_t>(item)].label;
    return Status::ok();
  }
};

Expected<std::unique_ptr<Feed>> make(const FeedSpec&, std::shared_ptr<const Dataset>) { return std::unique_ptr<Feed>(std::make_unique<LabelFeed>()); }

}  // namespace

FeedKind label_feed() { return {"label", {{"label", "i32"}}, {}, make}; }

}  // namespace isolens
