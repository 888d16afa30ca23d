// Nearest-neighbour enlargement of x: (N, C, H, W) by a whole number; the gradient of a pixel is the sum over its copies.
#include <cstring>

#include "../loops.h"

namespace isolens {

namespace {

class ResizeOp final : public Op {
 public:
  explicit ResizeOp(AttributeReader& attributes) : scale_(attributes.integer("scale", 0, 1, 16)) {}
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 4) return "an input (N, C, H, W)";
    const Shape& x = in[0].shape;
    out->shape = {x[0], x[1], x[2] * scale_, x[3] * scale_};
    return "";
  }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }

  std::string forward(OpContext& context) const override {
    const int64_t width = context.in[0].shape[3], wide = width * scale_;
    over_rows(context, [&](int64_t row) {
      const float* from = context.f32(0) + row * width;
      float* to = context.out_f32() + row * scale_ * wide;
      if (scale_ == 2) {
        for (int64_t i = 0; i < width; i++) to[2 * i] = to[2 * i + 1] = from[i];
      } else {
        for (int64_t i = 0; i < width; i++) std::fill(to + i * scale_, to + (i + 1) * scale_, from[i]);
      }
      for (int64_t k = 1; k < scale_; k++) std::memcpy(to + k * wide, to, static_cast<size_t>(wide) * 4);
    });
    return "";
  }
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const int64_t width = context.in[0].shape[3], wide = width * scale_;
    over_rows(context, [&](int64_t row) {
      const float* from = context.dy + row * scale_ * wide;
      float* to = context.dx[0] + row * width;
      for (int64_t i = 0; i < width; i++) {
        float sum = context.accumulate[0] ? to[i] : 0.0f;
        for (int64_t k = 0; k < scale_; k++) {
          for (int64_t j = 0; j < scale_; j++) sum += from[k * wide + i * scale_ + j];
        }
        to[i] = sum;
      }
    });
  }

 private:
  // Rows of all planes of the input.
  template <typename Body>
  void over_rows(const OpContext& context, const Body& body) const {
    const Shape& x = context.in[0].shape;
    const int64_t each = std::max<int64_t>(1, x[3] * scale_ * scale_);
    context.pool.range(x[0] * x[1] * x[2], std::max<int64_t>(1, kGrain / each), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) body(row);
    });
  }
  int64_t scale_;
};

}  // namespace

std::unique_ptr<Op> make_resize(AttributeReader& attributes) { return std::make_unique<ResizeOp>(attributes); }

}  // namespace isolens
