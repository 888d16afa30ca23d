#include "../../cuda/axes.cuh"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

constexpr int64_t kFar = int64_t{1} << 53;

class SliceOp final : public DeviceOp {
 public:
  explicit SliceOp(AttributeReader& attributes)
      : starts_(attributes.integers("starts", {}, -kFar, kFar)), ends_(attributes.integers("ends", {}, -kFar, kFar)), axes_(attributes.integers("axes", {}, -64, 63)) {}
  // Whole words of four bytes: integers keep their bits on the way through a float.
  cudaError_t forward(const OpCall& call) const override {
    return store_terms(call.out_f32(), call.out.count(), false, StridedTerm{call.f32(0) + base(call), axes(call)}, call.stream);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    if (!call.accumulate[0]) ISOLENS_CUDA_TRY(cudaMemsetAsync(call.dx[0], 0, static_cast<size_t>(call.in[0].count()) * 4, call.stream));
    return add_strided(call.dx[0] + base(call), call.dy, call.out.count(), axes(call), call.stream);
  }

 private:
  static Axes<1> axes(const OpCall& call) { return make_axes<1>(call.out.shape, {contiguous_steps(call.in[0].shape)}); }
  // Position of the first element; an axis may be cut more than once.
  int64_t base(const OpCall& call) const {
    const Shape& whole = call.in[0].shape;
    const Shape steps = contiguous_steps(whole);
    Shape size = whole;
    int64_t at = 0;
    for (size_t i = 0; i < axes_.size(); i++) {
      const size_t axis = static_cast<size_t>(resolve_axis(axes_[i], call.in[0].rank()));
      const int64_t length = size[axis];
      const auto position = [&](int64_t place) { return std::min(std::max<int64_t>(place < 0 ? place + length : place, 0), length); };
      at += position(starts_[i]) * steps[axis];
      size[axis] = position(ends_[i]) - position(starts_[i]);
    }
    return at;
  }

  Shape starts_, ends_, axes_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_slice_cuda(AttributeReader& attributes) { return std::make_unique<SliceOp>(attributes); }

}  // namespace isolens::cuda
