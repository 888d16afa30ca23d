// The mask is a function of node, step and position alone; other numbers than the processor's, from the same distribution.
#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"
#include "../../core/execution.h"

namespace isolens::cuda {

namespace {

// splitmix64's finaliser
__device__ __forceinline__ uint64_t mixed(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

struct DropTerm {
  const float* from;
  uint64_t seed;
  const uint64_t* step;
  uint32_t threshold;
  float scale;
  __device__ float operator()(int64_t i) const {
    // Two draws of 24 bits in each number.
    const uint64_t number = mixed(seed + *step * kStepStride + (static_cast<uint64_t>(i / 2) + 1) * 0x9e3779b97f4a7c15ull);
    const uint32_t draw = static_cast<uint32_t>((i % 2 == 0 ? number : number >> 32) & 0xffffffu);
    return draw < threshold ? 0.0f : from[i] * scale;
  }
};

class DropoutOp final : public DeviceOp {
 public:
  explicit DropoutOp(AttributeReader& attributes) : rate_(attributes.required_number("rate")) {}
  cudaError_t forward(const OpCall& call) const override { return apply(call, call.out_f32(), call.f32(0), false); }
  cudaError_t backward(const OpCall& call) const override { return call.wants(0) ? apply(call, call.dx[0], call.dy, call.accumulate[0]) : cudaSuccess; }

 private:
  cudaError_t apply(const OpCall& call, float* to, const float* from, bool accumulate) const {
    if (!call.training || rate_ == 0) return copy_floats(to, from, call.out.count(), accumulate, call.stream);
    const DropTerm term{from, call.seed, call.step, static_cast<uint32_t>(rate_ * 16777216.0), static_cast<float>(1.0 / (1.0 - rate_))};
    return store_terms(to, call.out.count(), accumulate, term, call.stream);
  }
  double rate_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_dropout_cuda(AttributeReader& attributes) { return std::make_unique<DropoutOp>(attributes); }

}  // namespace isolens::cuda
