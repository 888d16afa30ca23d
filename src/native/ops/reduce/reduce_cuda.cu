#include "../../cuda/op.h"
#include "../../cuda/reduce.cuh"

namespace isolens::cuda {

namespace {

enum class Kind { kSum, kMean, kMax, kLogSumExp };

// Which of the reduced elements equal the maximum, as numbers to add up.
struct TieTerm {
  const float* x;
  const float* y;
  Axes<1> to;
  __device__ float operator()(int64_t i) const {
    int64_t at[1];
    to.locate(i, at);
    return x[i] == y[at[0]] ? 1.0f : 0.0f;
  }
};

template <Kind K>
struct GradientTerm {
  const float* dy;
  const float* x;
  const float* y;
  const float* ties;
  Axes<1> to;
  float scale;
  __device__ float operator()(int64_t i) const {
    int64_t at[1];
    to.locate(i, at);
    const float g = dy[at[0]] * scale;
    if (K == Kind::kMax) return x[i] == y[at[0]] ? g / ties[at[0]] : 0.0f;
    if (K == Kind::kLogSumExp) return g * expf(x[i] - y[at[0]]);
    return g;
  }
};

template <Kind K>
class ReduceOp final : public DeviceOp {
 public:
  explicit ReduceOp(AttributeReader& attributes) : axes_(attributes.integers("axes", {}, -64, 63)) { attributes.integer("keepdims", 0, 0, 1); }

  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec& out, Precision) const override {
    return ties_bytes(out) + reduce_workspace_bytes(make_reduce_layout(in[0].shape, reduced(in[0].shape)));
  }

  cudaError_t forward(const OpCall& call) const override {
    const ReduceLayout layout = make_reduce_layout(call.in[0].shape, reduced(call.in[0].shape));
    const ValueTerm term{call.f32(0)};
    if (K == Kind::kMax) return reduce<MaxRule>(call.out_f32(), layout, false, 1.0f, term, parts(call), call.stream);
    if (K == Kind::kLogSumExp) return reduce<LogSumExpRule>(call.out_f32(), layout, false, 1.0f, term, parts(call), call.stream);
    return reduce<SumRule>(call.out_f32(), layout, false, scale(layout), term, parts(call), call.stream);
  }

  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    const Shape& shape = call.in[0].shape;
    const ReduceLayout layout = make_reduce_layout(shape, reduced(shape));
    const Axes<1> to = outputs(shape);
    float* ties = static_cast<float*>(call.workspace);
    if (K == Kind::kMax) ISOLENS_CUDA_TRY(reduce<SumRule>(ties, layout, false, 1.0f, TieTerm{call.f32(0), call.out_f32(), to}, parts(call), call.stream));
    const GradientTerm<K> term{call.dy, call.f32(0), call.out_f32(), ties, to, scale(layout)};
    return store_terms(call.dx[0], call.in[0].count(), call.accumulate[0], term, call.stream);
  }

 private:
  static float scale(const ReduceLayout& layout) { return K == Kind::kMean ? 1.0f / static_cast<float>(layout.reduced_count) : 1.0f; }
  static size_t ties_bytes(const TensorSpec& out) { return K == Kind::kMax ? (static_cast<size_t>(out.count()) * 4 + 255) / 256 * 256 : 0; }
  static void* parts(const OpCall& call) { return static_cast<char*>(call.workspace) + ties_bytes(call.out); }

  std::vector<bool> reduced(const Shape& shape) const {
    std::vector<bool> flags(shape.size(), axes_.empty());
    for (int64_t axis : axes_) flags[static_cast<size_t>(resolve_axis(axis, static_cast<int64_t>(shape.size())))] = true;
    return flags;
  }
  // Where the result of each element lies.
  Axes<1> outputs(const Shape& shape) const {
    const std::vector<bool> flags = reduced(shape);
    Shape steps(shape.size(), 0);
    int64_t step = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (flags[axis]) continue;
      steps[axis] = step;
      step *= shape[axis];
    }
    return make_axes<1>(shape, {steps});
  }

  Shape axes_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_reduce_sum_cuda(AttributeReader& attributes) { return std::make_unique<ReduceOp<Kind::kSum>>(attributes); }
std::unique_ptr<DeviceOp> make_reduce_mean_cuda(AttributeReader& attributes) { return std::make_unique<ReduceOp<Kind::kMean>>(attributes); }
std::unique_ptr<DeviceOp> make_reduce_max_cuda(AttributeReader& attributes) { return std::make_unique<ReduceOp<Kind::kMax>>(attributes); }
std::unique_ptr<DeviceOp> make_reduce_log_sum_exp_cuda(AttributeReader& attributes) { return std::make_unique<ReduceOp<Kind::kLogSumExp>>(attributes); }

}  // namespace isolens::cuda
