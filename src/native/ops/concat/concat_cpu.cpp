// Tensors one after another along an axis: each seen as (outer, run), run = its sizes from the axis on.
#include <cstring>

#include "../loops.h"

namespace isolens {

namespace {

class ConcatOp final : public Op {
 public:
  explicit ConcatOp(AttributeReader& attributes) : axis_(attributes.integer("axis", 0, -64, 63)) {}
  Signature signature() const override { return {1, 1024, "f"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    const int64_t axis = resolve_axis(axis_, in[0].rank());
    if (axis < 0) return "an axis within the rank rather than " + std::to_string(axis_);
    for (const TensorSpec& spec : in) {
      if (!spec.present) return "no input left out";
    }
    out->shape = in[0].shape;
    for (size_t k = 1; k < in.size(); k++) {
      Shape other = in[k].shape;
      if (other.size() != out->shape.size()) return "inputs of equal rank";
      const int64_t size = other[axis];
      other[axis] = out->shape[axis];
      if (other != out->shape) return "equal sizes on all axes but " + std::to_string(axis);
      out->shape[axis] += size;
    }
    return "";
  }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    over_runs(context, [&](size_t k, int64_t to, int64_t from, int64_t length) {
      std::memcpy(context.out_f32() + to, context.f32(k) + from, static_cast<size_t>(length) * 4);
    });
    return "";
  }
  void backward(OpContext& context) const override {
    over_runs(context, [&](size_t k, int64_t at, int64_t to, int64_t length) {
      if (!context.wants(k)) return;
      const float* dy = context.dy + at;
      store_terms(context.dx[k] + to, 0, length, context.accumulate[k], [=](int64_t i) { return dy[i]; });
    });
  }

 private:
  // body(input, offset in the output, offset in the input, length)
  template <typename Body>
  void over_runs(const OpContext& context, const Body& body) const {
    const int64_t axis = resolve_axis(axis_, context.in[0].rank());
    const auto run_of = [&](const Shape& shape) { return element_count(Shape(shape.begin() + axis, shape.end())); };
    const int64_t whole = run_of(context.out.shape);
    const int64_t outer = element_count(Shape(context.out.shape.begin(), context.out.shape.begin() + axis));
    std::vector<int64_t> runs;
    for (const TensorSpec& spec : context.in) runs.push_back(run_of(spec.shape));
    context.pool.range(outer, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, whole)), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; o++) {
        int64_t at = o * whole;
        for (size_t k = 0; k < runs.size(); k++) {
          body(k, at, o * runs[k], runs[k]);
          at += runs[k];
        }
      }
    });
  }
  int64_t axis_;
};

}  // namespace

std::unique_ptr<Op> make_concat(AttributeReader& attributes) { return std::make_unique<ConcatOp>(attributes); }

}  // namespace isolens
