// Axes in another order. Where what becomes the innermost axis lies far apart and another lies together, 32 x 32 squares go
// through shared memory, so that reads and writes are both of neighbours.
#include "../../cuda/axes.cuh"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

constexpr int kSquare = 32, kSquareRows = kThreads / kSquare;

// y: (batch, rows, columns) = or += x: (batch, columns, rows)
__global__ void __launch_bounds__(kThreads) transpose_squares(float* y, const float* x, int64_t rows, int64_t columns, bool accumulate) {
  __shared__ float square[kSquare][kSquare + 1];
  const int tx = static_cast<int>(threadIdx.x) % kSquare, ty = static_cast<int>(threadIdx.x) / kSquare;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kSquare, column = static_cast<int64_t>(blockIdx.y) * kSquare;
  const int64_t base = static_cast<int64_t>(blockIdx.z) * rows * columns;
  for (int k = ty; k < kSquare; k += kSquareRows) {
    if (column + k < columns && row + tx < rows) square[k][tx] = x[base + (column + k) * rows + row + tx];
  }
  __syncthreads();
  for (int k = ty; k < kSquare; k += kSquareRows) {
    if (row + k >= rows || column + tx >= columns) continue;
    const int64_t at = base + (row + k) * columns + column + tx;
    y[at] = accumulate ? y[at] + square[tx][k] : square[tx][k];
  }
}

// to: contiguous, of sizes `size`; from: element (i...) at the sum of i * step.
cudaError_t copy_strided(float* to, const float* from, const Shape& size, const Shape& step, bool accumulate, cudaStream_t stream) {
  const Axes<1> axes = make_axes<1>(size, {step});
  const int64_t count = element_count(size);
  const int last = axes.count - 1;
  const int64_t columns = axes.size[last], rows = last >= 1 ? axes.size[last - 1] : 1, batch = count / std::max<int64_t>(1, rows * columns);
  const bool squares = (last == 1 || last == 2) && axes.step[0][last - 1] == 1 && axes.step[0][last] == rows && (last == 1 || axes.step[0][0] == rows * columns) &&
                       batch <= 65535 && columns <= int64_t{65535} * kSquare && count > 0;
  if (!squares) return store_terms(to, count, accumulate, StridedTerm{from, axes}, stream);
  const dim3 grid(static_cast<unsigned int>((rows + kSquare - 1) / kSquare), static_cast<unsigned int>((columns + kSquare - 1) / kSquare), static_cast<unsigned int>(batch));
  ISOLENS_LAUNCH(transpose_squares, grid, kThreads, 0, stream, to, from, rows, columns, accumulate);
  return cudaGetLastError();
}

class TransposeOp final : public DeviceOp {
 public:
  explicit TransposeOp(AttributeReader& attributes) : perm_(attributes.integers("perm", {}, 0, 31)) {}
  cudaError_t forward(const OpCall& call) const override {
    const Shape steps = contiguous_steps(call.in[0].shape);
    Shape step;
    for (int64_t axis : perm_) step.push_back(steps[static_cast<size_t>(axis)]);
    return copy_strided(call.out_f32(), call.f32(0), call.out.shape, step, false, call.stream);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    const Shape steps = contiguous_steps(call.out.shape);
    Shape step(perm_.size());
    for (size_t i = 0; i < perm_.size(); i++) step[static_cast<size_t>(perm_[i])] = steps[i];
    return copy_strided(call.dx[0], call.dy, call.in[0].shape, step, call.accumulate[0], call.stream);
  }

 private:
  Shape perm_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_transpose_cuda(AttributeReader& attributes) { return std::make_unique<TransposeOp>(attributes); }

}  // namespace isolens::cuda
