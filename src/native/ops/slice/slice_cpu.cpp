// Elements start <= i < end along axes, step 1; negative positions count from the end.
#include <cstring>

#include "../loops.h"

namespace isolens {

namespace {

constexpr int64_t kFar = int64_t{1} << 53;

class SliceOp final : public Op {
 public:
  explicit SliceOp(AttributeReader& attributes)
      : starts_(attributes.integers("starts", {}, -kFar, kFar)), ends_(attributes.integers("ends", {}, -kFar, kFar)), axes_(attributes.integers("axes", {}, -64, 63)) {
    if (starts_.size() != axes_.size() || ends_.size() != axes_.size()) attributes.refuse("axes", "as many as starts and ends");
  }
  Signature signature() const override { return {1, 1, "*"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    out->dtype = in[0].dtype;
    Shape start;
    return resolve(in[0].shape, &start, &out->shape);
  }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    const char* x = static_cast<const char*>(context.x[0]);
    char* y = static_cast<char*>(context.y);
    over_runs(context, [&](int64_t in_slice, int64_t in_whole, int64_t length) { std::memcpy(y + in_slice * 4, x + in_whole * 4, static_cast<size_t>(length) * 4); });
    return "";
  }
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    if (!context.accumulate[0]) std::memset(context.dx[0], 0, static_cast<size_t>(context.in[0].count()) * 4);
    over_runs(context, [&](int64_t in_slice, int64_t in_whole, int64_t length) {
      const float* dy = context.dy + in_slice;
      store_terms(context.dx[0] + in_whole, 0, length, true, [=](int64_t i) { return dy[i]; });
    });
  }

 private:
  std::string resolve(const Shape& shape, Shape* start, Shape* size) const {
    start->assign(shape.size(), 0);
    *size = shape;
    for (size_t i = 0; i < axes_.size(); i++) {
      const int64_t axis = resolve_axis(axes_[i], static_cast<int64_t>(shape.size()));
      if (axis < 0) return "axes within the rank";
      const int64_t whole = (*size)[axis];
      const auto position = [&](int64_t at) { return std::min(std::max<int64_t>(at < 0 ? at + whole : at, 0), whole); };
      const int64_t first = position(starts_[i]), last = position(ends_[i]);
      if (last <= first) return "a slice with elements";
      (*start)[axis] += first;
      (*size)[axis] = last - first;
    }
    return "";
  }

  // body(offset in the slice, offset in the whole, length) for each contiguous run.
  template <typename Body>
  void over_runs(const OpContext& context, const Body& body) const {
    const Shape& whole = context.in[0].shape;
    Shape start, size;
    resolve(whole, &start, &size);
    size_t axis = whole.size();  // axes from here on are whole
    int64_t inside = 1;
    while (axis > 0 && size[axis - 1] == whole[axis - 1]) inside *= whole[--axis];
    const int64_t run = axis > 0 ? size[axis - 1] * inside : inside;
    const int64_t outer = context.out.count() / std::max<int64_t>(1, run);
    context.pool.range(outer, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, run)), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; o++) {
        int64_t rest = o, at = axis > 0 ? start[axis - 1] * inside : 0, step = axis > 0 ? whole[axis - 1] * inside : inside;
        for (size_t i = axis; i-- > 1;) {
          at += (rest % size[i - 1] + start[i - 1]) * step;
          rest /= size[i - 1];
          step *= whole[i - 1];
        }
        body(o * run, at, run);
      }
    });
  }

  Shape starts_, ends_, axes_;
};

}  // namespace

std::unique_ptr<Op> make_slice(AttributeReader& attributes) { return std::make_unique<SliceOp>(attributes); }

}  // namespace isolens
