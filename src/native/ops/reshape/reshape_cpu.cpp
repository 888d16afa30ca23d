// The same elements in another shape: 0 copies a size, -1 stands for the rest.
#include <algorithm>
#include <cstring>

#include "../loops.h"

namespace isolens {

namespace {

class ReshapeOp final : public Op {
 public:
  explicit ReshapeOp(AttributeReader& attributes) : target_(attributes.integers("shape", {}, -1, int64_t{1} << 38)) {
    if (std::count(target_.begin(), target_.end(), -1) > 1) attributes.refuse("shape", "with at most one -1");
  }
  Signature signature() const override { return {1, 1, "*"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    out->dtype = in[0].dtype;
    out->shape = target_;
    const int64_t total = in[0].count();
    int64_t known = 1;
    for (size_t i = 0; i < target_.size(); i++) {
      if (target_[i] == 0 && i >= in[0].shape.size()) return "a size to copy at position " + std::to_string(i);
      if (target_[i] == 0) out->shape[i] = in[0].shape[i];
      // Sizes of unknown origin must not overflow the product.
      if (out->shape[i] > 0 && known > (int64_t{1} << 40) / out->shape[i]) return "as many elements as " + describe(target_) + " has";
      if (out->shape[i] >= 0) known *= out->shape[i];
    }
    for (int64_t& size : out->shape) {
      if (size != -1) continue;
      if (known == 0 || total % known != 0) return "a number of elements that the sizes of " + describe(target_) + " divide";
      size = total / known;
      known *= size;
    }
    return known == total ? "" : "as many elements as " + describe(target_) + " has";
  }
  Reuse forward_reuse(size_t) const override { return Reuse::kView; }
  Reuse backward_reuse(size_t) const override { return Reuse::kView; }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    if (context.y != context.x[0]) std::memcpy(context.y, context.x[0], static_cast<size_t>(context.out.count()) * 4);
    return "";
  }
  void backward(OpContext& context) const override {
    const float* dy = context.dy;
    if (!context.wants(0) || context.dx[0] == dy) return;
    context.pool.range(context.out.count(), kGrain, [&](int64_t begin, int64_t end) {
      store_terms(context.dx[0], begin, end, context.accumulate[0], [=](int64_t i) { return dy[i]; });
    });
  }

 private:
  Shape target_;
};

}  // namespace

std::unique_ptr<Op> make_reshape(AttributeReader& attributes) { return std::make_unique<ReshapeOp>(attributes); }

}  // namespace isolens
