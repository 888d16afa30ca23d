// While training: zero with probability `rate`, otherwise x / (1 - rate). The mask is a function of node, step and position
// alone, so backward draws it again instead of keeping it.
#include <cstring>

#include "../../core/rng.h"
#include "../loops.h"

namespace isolens {

namespace {

constexpr int64_t kBlock = 1024;

class DropoutOp final : public Op {
 public:
  explicit DropoutOp(AttributeReader& attributes) : rate_(attributes.required_number("rate")) {
    if (!(rate_ >= 0 && rate_ < 1)) attributes.refuse("rate", "from 0 to below 1");
  }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    out->shape = in[0].shape;
    return "";
  }
  Reuse forward_reuse(size_t) const override { return Reuse::kOverwrite; }
  Reuse backward_reuse(size_t) const override { return Reuse::kOverwrite; }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    apply(context, context.out_f32(), context.f32(0), false);
    return "";
  }
  void backward(OpContext& context) const override {
    if (context.wants(0)) apply(context, context.dx[0], context.dy, context.accumulate[0]);
  }

 private:
  void apply(OpContext& context, float* to, const float* from, bool accumulate) const {
    const int64_t count = context.out.count();
    const bool active = context.training && rate_ > 0;
    // A draw of 24 bits is below the threshold with probability `rate`.
    const uint32_t threshold = static_cast<uint32_t>(rate_ * 16777216.0);
    const float scale = static_cast<float>(1.0 / (1.0 - rate_));
    context.pool.range((count + kBlock - 1) / kBlock, 8, [&](int64_t begin, int64_t end) {
      float mask[kBlock];
      for (int64_t block = begin; block < end; block++) {
        const int64_t first = block * kBlock, length = std::min(kBlock, count - first);
        const float* source = from + first;
        if (!active) {
          if (to != from || accumulate) store_terms(to + first, 0, length, accumulate, [=](int64_t i) { return source[i]; });
          continue;
        }
        Rng rng(context.seed, static_cast<uint64_t>(block));
        for (int64_t i = 0; i < length; i++) mask[i] = (rng.next() >> 8) < threshold ? 0.0f : scale;
        store_terms(to + first, 0, length, accumulate, [&](int64_t i) { return source[i] * mask[i]; });
      }
    });
  }
  double rate_;
};

}  // namespace

std::unique_ptr<Op> make_dropout(AttributeReader& attributes) { return std::make_unique<DropoutOp>(attributes); }

}  // namespace isolens
