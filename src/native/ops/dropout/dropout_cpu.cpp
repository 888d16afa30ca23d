// While training: zero with probability `rate`, otherwise x / (1 - rate). The mask is a function of node, step and position
// alone, so backward draws it again instead of keeping it.
#include <cstring>

#include "../../core/rng.h"
#include "../../kernels/simd.h"
#include "../loops.h"

namespace isolens {

namespace {

constexpr int64_t kBlock = 1024;

// One generator a lane, each that of a block of its own: the same draws as Rng gives one after the other.
class RngLanes {
 public:
  RngLanes(uint64_t seed, int64_t first_block) {
    for (int lane = 0; lane < simd::kLanes; lane++) {
      const Rng one(seed, static_cast<uint64_t>(first_block + lane));
      for (int word = 0; word < 4; word++) state_[word][lane] = one.state()[word];
    }
  }
  // Where the draw's upper 24 bits reach the threshold, `scale`; zero elsewhere.
  simd::Vec next(uint32_t threshold, float scale) {
    const Words result = rotl(state_[0] + state_[3], 7) + state_[0];
    const Words t = state_[1] << 9;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 11);
    const simd::Vec kept = simd::broadcast(scale);
    return (simd::Vec)((Words)((result >> 8) >= threshold) & (Words)kept);
  }

 private:
  typedef uint32_t Words __attribute__((vector_size(simd::kLanes * 4)));
  static Words rotl(Words x, int k) { return (x << k) | (x >> (32 - k)); }
  Words state_[4];
};

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
      int64_t block = begin;
      for (; active && block + simd::kLanes <= end && (block + simd::kLanes) * kBlock <= count; block += simd::kLanes) {
        mask_blocks(RngLanes(context.seed, block), threshold, scale, to + block * kBlock, from + block * kBlock, accumulate);
      }
      for (; block < end; block++) {
        const int64_t first = block * kBlock, length = std::min(kBlock, count - first);
        const float* source = from + first;
        if (!active) {
          if (to != from || accumulate) store_terms(to + first, 0, length, accumulate, [=](int64_t i) { return source[i]; });
          continue;
        }
        float mask[kBlock];
        Rng rng(context.seed, static_cast<uint64_t>(block));
        for (int64_t i = 0; i < length; i++) mask[i] = (rng.next() >> 8) < threshold ? 0.0f : scale;
        store_terms(to + first, 0, length, accumulate, [&](int64_t i) { return source[i] * mask[i]; });
      }
    });
  }

  // As many whole blocks as a vector has lanes. A draw makes one number of every block; turned, vectors lie along a block.
  static void mask_blocks(RngLanes rng, uint32_t threshold, float scale, float* to, const float* from, bool accumulate) {
    using namespace simd;
    for (int64_t i = 0; i < kBlock; i += simd::kLanes) {
      Vec mask[simd::kLanes];
      for (Vec& draw : mask) draw = rng.next(threshold, scale);
      transpose(mask);
      for (int64_t block = 0; block < simd::kLanes; block++) {
        const int64_t at = block * kBlock + i;
        const Vec value = load(from + at) * mask[block];
        store(to + at, accumulate ? load(to + at) + value : value);
      }
    }
  }
  double rate_;
};

}  // namespace

std::unique_ptr<Op> make_dropout(AttributeReader& attributes) { return std::make_unique<DropoutOp>(attributes); }

}  // namespace isolens
