// Each channel of x: (N, C, plane) over all else; optionally with the Relu after it. Sums come in two steps: blocks sum
// parts of a channel into the workspace, then a thread a channel joins the parts in order and works out what the elements
// need; a last launch goes over the elements.
#include "../../cuda/block.cuh"
#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

struct Layout {
  int64_t batch, channels, plane, splits;
  __host__ __device__ int64_t each() const { return batch * plane; }  // elements of a channel
};

// Two sums over a channel, in double once they leave a thread.
struct Sums {
  double first, second;
};

// Of x - pivot and its square: a pivot among the values keeps the variance of data far from zero exact.
struct StatisticsTerm {
  const float* x;
  __device__ float pivot(int64_t channel, const Layout& s) const { return x[channel * s.plane]; }
  __device__ void add(int64_t at, int64_t, float pivot, float* a, float* b) const {
    const float d = x[at] - pivot;
    *a += d;
    *b += d * d;
  }
};

// Of dz and dz * normalised x, where dz is dy behind the activation.
template <bool Relu>
struct GradientTerm {
  const float* dy;
  const float* x;
  const float* y;
  const float* mean;
  const float* inverse;
  __device__ float pivot(int64_t, const Layout&) const { return 0.0f; }
  __device__ void add(int64_t at, int64_t channel, float, float* a, float* b) const {
    const float dz = Relu && !(y[at] > 0.0f) ? 0.0f : dy[at];
    *a += dz;
    *b += dz * ((x[at] - mean[channel]) * inverse[channel]);
  }
};

// Images: a block for each channel (x) and split (y); threads walk along planes.
template <typename Term>
__global__ void __launch_bounds__(kThreads) sum_planes(Sums* parts, Layout s, Term term) {
  const int64_t channel = blockIdx.x, split = blockIdx.y;
  const int64_t begin = s.each() * split / s.splits, end = s.each() * (split + 1) / s.splits;
  const float pivot = term.pivot(channel, s);
  float a = 0, b = 0;
  for (int64_t i = begin + threadIdx.x; i < end; i += kThreads) {
    const int64_t n = i / s.plane;
    term.add((n * s.channels + channel) * s.plane + (i - n * s.plane), channel, pivot, &a, &b);
  }
  const double first = block_sum(static_cast<double>(a)), second = block_sum(static_cast<double>(b));
  if (threadIdx.x == 0) parts[split * s.channels + channel] = {first, second};
}

constexpr int kColumns = 32, kRows = kThreads / kColumns;

// Rows (N, C): a block for 32 channels (x) and split (y), so that neighbours read neighbours.
template <typename Term>
__global__ void __launch_bounds__(kThreads) sum_columns(Sums* parts, Layout s, Term term) {
  __shared__ Sums shared[kRows][kColumns];
  const int column = static_cast<int>(threadIdx.x) % kColumns, row = static_cast<int>(threadIdx.x) / kColumns;
  const int64_t channel = static_cast<int64_t>(blockIdx.x) * kColumns + column, split = blockIdx.y;
  const int64_t begin = s.batch * split / s.splits, end = s.batch * (split + 1) / s.splits;
  float a = 0, b = 0;
  if (channel < s.channels) {
    const float pivot = term.pivot(channel, s);
    for (int64_t n = begin + row; n < end; n += kRows) term.add(n * s.channels + channel, channel, pivot, &a, &b);
  }
  shared[row][column] = {static_cast<double>(a), static_cast<double>(b)};
  __syncthreads();
  if (row != 0 || channel >= s.channels) return;
  Sums sum = {0, 0};
  for (int r = 0; r < kRows; r++) {
    sum.first += shared[r][column].first;
    sum.second += shared[r][column].second;
  }
  parts[split * s.channels + channel] = sum;
}

__device__ __forceinline__ Sums join(const Sums* parts, const Layout& s, int64_t channel) {
  Sums sum = {0, 0};
  for (int64_t split = 0; split < s.splits; split++) {
    sum.first += parts[split * s.channels + channel].first;
    sum.second += parts[split * s.channels + channel].second;
  }
  return sum;
}

__global__ void __launch_bounds__(kThreads)
    close_statistics(float* mean, float* inverse, float* running_mean, float* running_variance, const Sums* parts, const float* x, Layout s, double epsilon, float momentum) {
  const int64_t c = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (c >= s.channels) return;
  const Sums sum = join(parts, s, c);
  const double count = static_cast<double>(s.each()), shift = sum.first / count;
  const double spread = sum.second / count - shift * shift, variance = spread < 0.0 ? 0.0 : spread;  // NaN stays
  const double average = static_cast<double>(x[c * s.plane]) + shift;
  mean[c] = static_cast<float>(average);
  inverse[c] = static_cast<float>(1.0 / sqrt(variance + epsilon));
  running_mean[c] = momentum * running_mean[c] + (1.0f - momentum) * static_cast<float>(average);
  running_variance[c] = momentum * running_variance[c] + (1.0f - momentum) * static_cast<float>(variance);
}

__global__ void __launch_bounds__(kThreads) take_running(float* mean, float* inverse, const float* running_mean, const float* running_variance, int64_t channels, double epsilon) {
  const int64_t c = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (c >= channels) return;
  mean[c] = running_mean[c];
  inverse[c] = static_cast<float>(1.0 / sqrt(static_cast<double>(running_variance[c]) + epsilon));
}

// dx = gain * (dz - offset - (x - mean) * slope); with running statistics only the first term.
struct Coefficients {
  float gain, offset, slope, centre;
};

__global__ void __launch_bounds__(kThreads) close_gradient(Coefficients* coefficients, float* dscale, float* dbias, const Sums* parts, const float* scale, const float* mean,
                                                           const float* inverse, Layout s, bool training, bool add_scale, bool add_bias) {
  const int64_t c = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (c >= s.channels) return;
  const Sums sum = join(parts, s, c);
  const double count = static_cast<double>(s.each());
  const float product = static_cast<float>(sum.second), total = static_cast<float>(sum.first);
  if (dscale != nullptr) dscale[c] = add_scale ? dscale[c] + product : product;
  if (dbias != nullptr) dbias[c] = add_bias ? dbias[c] + total : total;
  coefficients[c] = {scale[c] * inverse[c], training ? static_cast<float>(sum.first / count) : 0.0f,
                     training ? static_cast<float>(sum.second / count) * inverse[c] : 0.0f, mean[c]};
}

template <bool Relu>
struct NormaliseTerm {
  const float* x;
  const float* scale;
  const float* bias;
  const float* mean;
  const float* inverse;
  __device__ float operator()(int64_t i, int64_t c) const {
    const float z = (x[i] - mean[c]) * (scale[c] * inverse[c]) + bias[c];
    return Relu && z < 0.0f ? 0.0f : z;
  }
};
template <bool Relu>
struct InputGradientTerm {
  const float* dy;
  const float* x;
  const float* y;
  const Coefficients* coefficients;
  __device__ float operator()(int64_t i, int64_t c) const {
    const Coefficients k = coefficients[c];
    const float dz = Relu && !(y[i] > 0.0f) ? 0.0f : dy[i];
    return k.gain * (dz - k.offset - (x[i] - k.centre) * k.slope);
  }
};

// Element i of channel c; four neighbours of a plane share their channel.
template <typename Term>
__global__ void __launch_bounds__(kThreads) over_elements(float* to, Layout s, int64_t count, bool accumulate, Term term) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads, first = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (s.plane % 4 == 0) {
    for (int64_t q = first; q < count / 4; q += step) {
      const int64_t i = q * 4, c = i / s.plane % s.channels;
      float4 value = make_float4(term(i, c), term(i + 1, c), term(i + 2, c), term(i + 3, c));
      float4* at = reinterpret_cast<float4*>(to) + q;
      if (accumulate) value = make_float4(at->x + value.x, at->y + value.y, at->z + value.z, at->w + value.w);
      *at = value;
    }
    return;
  }
  for (int64_t i = first; i < count; i += step) {
    const float value = term(i, i / s.plane % s.channels);
    to[i] = accumulate ? to[i] + value : value;
  }
}

template <bool Relu>
class BatchNormalizationOp final : public DeviceOp {
 public:
  explicit BatchNormalizationOp(AttributeReader& attributes) : epsilon_(attributes.number("epsilon", 1e-5)), momentum_(static_cast<float>(attributes.number("momentum", 0.9))) {}

  // Parts; then coefficients, or the statistics where nothing is saved.
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, Precision) const override {
    const Layout s = layout(in[0].shape);
    return static_cast<size_t>(s.splits * s.channels) * sizeof(Sums) + static_cast<size_t>(s.channels) * sizeof(Coefficients);
  }

  cudaError_t forward(const OpCall& call) const override {
    const Layout s = layout(call.in[0].shape);
    if (call.out.count() == 0) return cudaSuccess;
    Sums* parts = static_cast<Sums*>(call.workspace);
    float* mean = call.saved != nullptr ? static_cast<float*>(call.saved) : reinterpret_cast<float*>(parts + s.splits * s.channels);
    float* inverse = mean + s.channels;
    float *running_mean = static_cast<float*>(call.x[3]), *running_variance = static_cast<float*>(call.x[4]);
    if (call.training) {
      ISOLENS_CUDA_TRY(sum(parts, s, StatisticsTerm{call.f32(0)}, call.stream));
      ISOLENS_LAUNCH(close_statistics, blocks_for(s.channels), kThreads, 0, call.stream, mean, inverse, running_mean, running_variance, parts, call.f32(0), s, epsilon_, momentum_);
    } else {
      ISOLENS_LAUNCH(take_running, blocks_for(s.channels), kThreads, 0, call.stream, mean, inverse, running_mean, running_variance, s.channels, epsilon_);
    }
    return elements(call.out_f32(), s, false, NormaliseTerm<Relu>{call.f32(0), call.f32(1), call.f32(2), mean, inverse}, call.stream);
  }

  cudaError_t backward(const OpCall& call) const override {
    const Layout s = layout(call.in[0].shape);
    if (call.out.count() == 0) return cudaSuccess;
    Sums* parts = static_cast<Sums*>(call.workspace);
    Coefficients* coefficients = reinterpret_cast<Coefficients*>(parts + s.splits * s.channels);
    const float* mean = static_cast<const float*>(call.saved);
    const float* inverse = mean + s.channels;
    ISOLENS_CUDA_TRY(sum(parts, s, GradientTerm<Relu>{call.dy, call.f32(0), call.out_f32(), mean, inverse}, call.stream));
    ISOLENS_LAUNCH(close_gradient, blocks_for(s.channels), kThreads, 0, call.stream, coefficients, call.dx[1], call.dx[2], parts, call.f32(1), mean, inverse, s, call.training,
                   static_cast<bool>(call.accumulate[1]), static_cast<bool>(call.accumulate[2]));
    if (!call.wants(0)) return cudaGetLastError();
    return elements(call.dx[0], s, call.accumulate[0], InputGradientTerm<Relu>{call.dy, call.f32(0), call.out_f32(), coefficients}, call.stream);
  }

 private:
  static Layout layout(const Shape& x) {
    Layout s{x[0], x[1], x.size() == 4 ? x[2] * x[3] : 1, 1};
    const int64_t blocks = s.plane == 1 ? (s.channels + kColumns - 1) / kColumns : s.channels;
    const int64_t most = s.plane == 1 ? s.batch / (4 * kRows) : s.each() / (4 * kThreads);
    s.splits = std::max<int64_t>(1, std::min<int64_t>({1056 / std::max<int64_t>(1, blocks), most, 128}));
    return s;
  }

  template <typename Term>
  static cudaError_t sum(Sums* parts, const Layout& s, const Term& term, cudaStream_t stream) {
    const unsigned int splits = static_cast<unsigned int>(s.splits);
    if (s.plane == 1) {
      ISOLENS_LAUNCH(sum_columns<Term>, dim3(static_cast<unsigned int>((s.channels + kColumns - 1) / kColumns), splits), kThreads, 0, stream, parts, s, term);
    } else {
      ISOLENS_LAUNCH(sum_planes<Term>, dim3(static_cast<unsigned int>(s.channels), splits), kThreads, 0, stream, parts, s, term);
    }
    return cudaGetLastError();
  }

  template <typename Term>
  static cudaError_t elements(float* to, const Layout& s, bool accumulate, const Term& term, cudaStream_t stream) {
    const int64_t count = s.each() * s.channels;
    ISOLENS_LAUNCH(over_elements<Term>, blocks_for(count, s.plane % 4 == 0 ? 4 * kThreads : kThreads), kThreads, 0, stream, to, s, count, accumulate, term);
    return cudaGetLastError();
  }

  double epsilon_;
  float momentum_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_batch_normalization_cuda(AttributeReader& attributes) { return std::make_unique<BatchNormalizationOp<false>>(attributes); }
std::unique_ptr<DeviceOp> make_batch_normalization_relu_cuda(AttributeReader& attributes) { return std::make_unique<BatchNormalizationOp<true>>(attributes); }

}  // namespace isolens::cuda
