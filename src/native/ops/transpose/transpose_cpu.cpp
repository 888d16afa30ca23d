// Axes in another order.
#include "../loops.h"

namespace isolens {

namespace {

constexpr int64_t kTile = 32;

// to: contiguous, of sizes `size`; from: element (i...) at the sum of i * step.
void copy_strided(ThreadPool& pool, float* to, const float* from, Shape size, Shape step, bool accumulate) {
  // Drop sizes of 1 and join axes that are also neighbours in memory.
  Shape joined_size, joined_step;
  for (size_t axis = 0; axis < size.size(); axis++) {
    if (size[axis] == 1) continue;
    if (!joined_size.empty() && joined_step.back() == size[axis] * step[axis]) {
      joined_size.back() *= size[axis];
      joined_step.back() = step[axis];
    } else {
      joined_size.push_back(size[axis]);
      joined_step.push_back(step[axis]);
    }
  }
  while (joined_size.size() < 2) {
    joined_size.insert(joined_size.begin(), 1);
    joined_step.insert(joined_step.begin(), 0);
  }
  const int64_t columns = joined_size.back(), column_step = joined_step.back();
  joined_size.pop_back();
  joined_step.pop_back();
  const int64_t rows = joined_size.back(), row_step = joined_step.back();
  joined_size.pop_back();
  joined_step.pop_back();
  const int64_t outer = element_count(joined_size);
  const int64_t tiles = (rows + kTile - 1) / kTile;
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, kTile * columns));
  pool.range(outer * tiles, grain, [&](int64_t begin, int64_t end) {
    for (int64_t work = begin; work < end; work++) {
      int64_t rest = work / tiles, base = 0;
      for (size_t axis = joined_size.size(); axis-- > 0;) {
        base += rest % joined_size[axis] * joined_step[axis];
        rest /= joined_size[axis];
      }
      const int64_t first = work % tiles * kTile, last = std::min(first + kTile, rows);
      float* target = to + work / tiles * rows * columns;
      const auto copy_row = [&](int64_t row, int64_t start, int64_t stop) {
        float* line = target + row * columns;
        const float* source = from + base + row * row_step;
        if (column_step == 1) {
          store_terms(line, start, stop, accumulate, [=](int64_t i) { return source[i]; });
        } else {
          store_terms(line, start, stop, accumulate, [=](int64_t i) { return source[i * column_step]; });
        }
      };
      // Where columns are far apart, small squares keep the lines of the source in the cache.
      const int64_t width = column_step == 1 ? columns : kTile;
      for (int64_t start = 0; start < columns; start += width) {
        for (int64_t row = first; row < last; row++) copy_row(row, start, std::min(start + width, columns));
      }
    }
  });
}

class TransposeOp final : public Op {
 public:
  explicit TransposeOp(AttributeReader& attributes) : perm_(attributes.integers("perm", {}, 0, 31)) {
    std::vector<bool> seen(perm_.size(), false);
    for (int64_t axis : perm_) {
      if (axis >= static_cast<int64_t>(perm_.size()) || seen[axis]) {
        attributes.refuse("perm", "every axis once");
        return;
      }
      seen[axis] = true;
    }
  }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (perm_.size() != in[0].shape.size()) return "every axis once in " + describe(perm_);
    for (int64_t axis : perm_) out->shape.push_back(in[0].shape[axis]);
    return "";
  }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    const Shape steps = steps_of(context.in[0].shape);
    Shape step;
    for (int64_t axis : perm_) step.push_back(steps[axis]);
    copy_strided(context.pool, context.out_f32(), context.f32(0), context.out.shape, step, false);
    return "";
  }
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const Shape steps = steps_of(context.out.shape);
    Shape step(perm_.size());
    for (size_t i = 0; i < perm_.size(); i++) step[perm_[i]] = steps[i];
    copy_strided(context.pool, context.dx[0], context.dy, context.in[0].shape, step, context.accumulate[0]);
  }

 private:
  static Shape steps_of(const Shape& shape) {
    Shape steps(shape.size());
    int64_t step = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      steps[axis] = step;
      step *= shape[axis];
    }
    return steps;
  }
  Shape perm_;
};

}  // namespace

std::unique_ptr<Op> make_transpose(AttributeReader& attributes) { return std::make_unique<TransposeOp>(attributes); }

}  // namespace isolens
