// 2-D convolution: shapes and memory here, arithmetic in kernels/.
#include <algorithm>

#include "../window.h"

namespace isolens {

namespace {

class ConvOp final : public Op {
 public:
  explicit ConvOp(AttributeReader& attributes) : window_(read_window(attributes, false)), group_(attributes.integer("group", 1, 1, 1 << 20)) {}

  Signature signature() const override { return {2, 3, "f"}; }

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 4 || in[1].rank() != 4) return "an input (N, C, H, W) and a weight (K, C / group, R, S)";
    const Shape &x = in[0].shape, &w = in[1].shape;
    if (x[1] != w[1] * group_) return std::to_string(w[1] * group_) + " input channels";
    if (w[0] % group_ != 0) return "a multiple of " + std::to_string(group_) + " output channels";
    if (in.size() > 2 && in[2].present && in[2].shape != Shape{w[0]}) return "a bias of (" + std::to_string(w[0]) + ")";
    Window window = window_;
    window.kernel[0] = w[2];
    window.kernel[1] = w[3];
    out->shape = {x[0], w[0], 0, 0};
    return window.output(x, &out->shape[2], &out->shape[3]);
  }

  bool backward_reads_input(size_t input, const std::vector<bool>& wanted) const override {
    return input == 0 ? wanted[1] : input == 1 ? wanted[0] : false;
  }
  bool can_accumulate(size_t input) const override { return input != 0; }
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, int threads) const override {
    return conv2d_workspace_bytes(shape(in), threads);
  }

  std::string forward(OpContext& context) const override {
    conv2d_forward(context.pool, context.precision, context.out_f32(), context.f32(0), context.f32(1), context.has(2) ? context.f32(2) : nullptr,
                   shape(context.in), context.workspace);
    return "";
  }

  void backward(OpContext& context) const override {
    const ConvShape s = shape(context.in);
    if (context.wants(0)) conv2d_backward_data(context.pool, context.precision, context.dx[0], context.dy, context.f32(1), s, context.workspace);
    for (size_t k = 1; k < context.dx.size(); k++) {
      // The kernel adds.
      if (context.wants(k) && !context.accumulate[k]) std::fill_n(context.dx[k], context.in[k].count(), 0.0f);
    }
    if (context.wants(1)) {
      conv2d_backward_weights(context.pool, context.precision, context.dx[1], context.wants(2) ? context.dx[2] : nullptr, context.f32(0), context.dy, s,
                              context.workspace);
    } else if (context.wants(2)) {
      bias_gradient(context, s);
    }
  }

 private:
  ConvShape shape(const std::vector<TensorSpec>& in) const {
    const Shape &x = in[0].shape, &w = in[1].shape;
    return {x[0], x[1], x[2], x[3], w[0], w[2], w[3], window_.stride[0], window_.stride[1], window_.pad[0], window_.pad[1], window_.pad[2], window_.pad[3], group_};
  }

  static void bias_gradient(OpContext& context, const ConvShape& s) {
    const int64_t plane = s.out_height() * s.out_width();
    for (int64_t i = 0; i < s.batch * s.out_channels; i++) {
      double sum = 0;
      for (int64_t at = 0; at < plane; at++) sum += context.dy[i * plane + at];
      context.dx[2][i % s.out_channels] += static_cast<float>(sum);
    }
  }

  Window window_;
  int64_t group_;
};

}  // namespace

std::unique_ptr<Op> make_conv(AttributeReader& attributes) { return std::make_unique<ConvOp>(attributes); }

}  // namespace isolens
