// MaxPool, AveragePool (padding not counted) and GlobalAveragePool of x: (N, C, H, W). Threads own planes.
#include <cstring>
#include <limits>

#include "../loops.h"
#include "../window.h"

namespace isolens {

namespace {

struct Planes {
  int64_t count, height, width, p, q;
};

// The part of a window that lies inside the image.
struct Span {
  int64_t begin, end;
};
Span inside(int64_t position, int64_t stride, int64_t pad, int64_t kernel, int64_t size) {
  const int64_t begin = position * stride - pad;
  return {std::max<int64_t>(begin, 0), std::min(begin + kernel, size)};
}

class PoolOp : public Op {
 public:
  explicit PoolOp(AttributeReader& attributes) : window_(read_window(attributes, true)) {
    if (std::max(window_.pad[0], window_.pad[2]) >= window_.kernel[0] || std::max(window_.pad[1], window_.pad[3]) >= window_.kernel[1]) {
      attributes.refuse("pads", "smaller than the window");
    }
  }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 4) return "an input (N, C, H, W)";
    out->shape = in[0].shape;
    return window_.output(in[0].shape, &out->shape[2], &out->shape[3]);
  }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }

 protected:
  static Planes planes(const OpContext& context) {
    const Shape& x = context.in[0].shape;
    return {x[0] * x[1], x[2], x[3], context.out.shape[2], context.out.shape[3]};
  }
  template <typename Body>
  static void over_planes(const OpContext& context, const Planes& s, const Body& body) {
    context.pool.range(s.count, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, s.height * s.width)), [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; plane++) body(plane);
    });
  }
  // Rows of the plane's output and the image rows each reads.
  template <typename Body>
  void over_windows(const Planes& s, const Body& body) const {
    for (int64_t row = 0; row < s.p; row++) {
      const Span rows = inside(row, window_.stride[0], window_.pad[0], window_.kernel[0], s.height);
      for (int64_t column = 0; column < s.q; column++) {
        body(row * s.q + column, rows, inside(column, window_.stride[1], window_.pad[1], window_.kernel[1], s.width));
      }
    }
  }
  Window window_;
};

class MaxPoolOp final : public PoolOp {
 public:
  using PoolOp::PoolOp;
  // Where in its plane each maximum lies (the first, on ties).
  size_t saved_bytes(const std::vector<TensorSpec>&, const TensorSpec& out) const override { return static_cast<size_t>(out.count()) * 4; }

  std::string forward(OpContext& context) const override {
    const Planes s = planes(context);
    int32_t* saved = static_cast<int32_t*>(context.saved);
    over_planes(context, s, [&](int64_t plane) {
      const float* x = context.f32(0) + plane * s.height * s.width;
      float* y = context.out_f32() + plane * s.p * s.q;
      over_windows(s, [&](int64_t at, Span rows, Span columns) {
        int64_t best = rows.begin * s.width + columns.begin;
        for (int64_t r = rows.begin; r < rows.end; r++) {
          for (int64_t c = columns.begin; c < columns.end; c++) {
            const int64_t here = r * s.width + c;
            if (x[here] > x[best] || x[here] != x[here]) best = here;
          }
        }
        y[at] = x[best];
        if (saved != nullptr) saved[plane * s.p * s.q + at] = static_cast<int32_t>(best);
      });
    });
    return "";
  }

  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const Planes s = planes(context);
    const int32_t* saved = static_cast<const int32_t*>(context.saved);
    over_planes(context, s, [&](int64_t plane) {
      float* dx = context.dx[0] + plane * s.height * s.width;
      const float* dy = context.dy + plane * s.p * s.q;
      if (!context.accumulate[0]) std::memset(dx, 0, static_cast<size_t>(s.height * s.width) * 4);
      for (int64_t at = 0; at < s.p * s.q; at++) dx[saved[plane * s.p * s.q + at]] += dy[at];
    });
  }
};

class AveragePoolOp final : public PoolOp {
 public:
  using PoolOp::PoolOp;

  std::string forward(OpContext& context) const override {
    const Planes s = planes(context);
    over_planes(context, s, [&](int64_t plane) {
      const float* x = context.f32(0) + plane * s.height * s.width;
      float* y = context.out_f32() + plane * s.p * s.q;
      over_windows(s, [&](int64_t at, Span rows, Span columns) {
        float sum = 0;
        for (int64_t r = rows.begin; r < rows.end; r++) {
          for (int64_t c = columns.begin; c < columns.end; c++) sum += x[r * s.width + c];
        }
        y[at] = sum / static_cast<float>((rows.end - rows.begin) * (columns.end - columns.begin));
      });
    });
    return "";
  }

  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const Planes s = planes(context);
    over_planes(context, s, [&](int64_t plane) {
      float* dx = context.dx[0] + plane * s.height * s.width;
      const float* dy = context.dy + plane * s.p * s.q;
      if (!context.accumulate[0]) std::memset(dx, 0, static_cast<size_t>(s.height * s.width) * 4);
      over_windows(s, [&](int64_t at, Span rows, Span columns) {
        const float share = dy[at] / static_cast<float>((rows.end - rows.begin) * (columns.end - columns.begin));
        for (int64_t r = rows.begin; r < rows.end; r++) {
          for (int64_t c = columns.begin; c < columns.end; c++) dx[r * s.width + c] += share;
        }
      });
    });
  }
};

// (N, C, H, W) to (N, C, 1, 1).
class GlobalAveragePoolOp final : public Op {
 public:
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 4 || in[0].shape[2] * in[0].shape[3] < 1) return "an input (N, C, H, W)";
    out->shape = {in[0].shape[0], in[0].shape[1], 1, 1};
    return "";
  }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    const int64_t plane = context.in[0].shape[2] * context.in[0].shape[3];
    context.pool.range(context.out.count(), std::max<int64_t>(1, kGrain / plane), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) context.out_f32()[i] = static_cast<float>(sum_of(context.f32(0) + i * plane, plane) / static_cast<double>(plane));
    });
    return "";
  }
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const int64_t plane = context.in[0].shape[2] * context.in[0].shape[3];
    context.pool.range(context.out.count(), std::max<int64_t>(1, kGrain / plane), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const float share = context.dy[i] / static_cast<float>(plane);
        store_terms(context.dx[0] + i * plane, 0, plane, context.accumulate[0], [=](int64_t) { return share; });
      }
    });
  }
};

}  // namespace

std::unique_ptr<Op> make_max_pool(AttributeReader& attributes) { return std::make_unique<MaxPoolOp>(attributes); }
std::unique_ptr<Op> make_average_pool(AttributeReader& attributes) { return std::make_unique<AveragePoolOp>(attributes); }
std::unique_ptr<Op> make_global_average_pool(AttributeReader&) { return std::make_unique<GlobalAveragePoolOp>(); }

}  // namespace isolens
