// ReduceSum, ReduceMean, ReduceMax, ReduceLogSumExp over any axes. Neighbouring axes that are both kept or both reduced are
// joined; what remains is: outer kept axes, outer reduced axes, and a contiguous run that is either kept or reduced.
#include <cmath>
#include <cstring>

#include "../loops.h"
#include "../vector_math.h"

namespace isolens {

namespace {

enum class Kind { kSum, kMean, kMax, kLogSumExp };

struct Layout {
  bool run_reduced = false;
  int64_t run = 1;                // contiguous elements
  int64_t count = 1;              // elements reduced into one
  std::vector<int64_t> kept;      // offsets in x of the outer kept indices
  std::vector<int64_t> reduced;   // offsets in x of the outer reduced indices
};

class ReduceOp final : public Op {
 public:
  ReduceOp(AttributeReader& attributes, Kind kind)
      : kind_(kind), axes_(attributes.integers("axes", {}, -64, 63)), keepdims_(attributes.integer("keepdims", 0, 0, 1) == 1) {}

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    std::vector<bool> flags;
    if (!reduced_axes(in[0].shape, &flags)) return "different axes within rank " + std::to_string(in[0].rank());
    for (size_t i = 0; i < flags.size(); i++) {
      if (flags[i] && in[0].shape[i] == 0) return "axes that have elements";
      if (!flags[i]) out->shape.push_back(in[0].shape[i]);
      if (flags[i] && keepdims_) out->shape.push_back(1);
    }
    return "";
  }

  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return kind_ == Kind::kMax || kind_ == Kind::kLogSumExp; }
  bool backward_reads_output() const override { return kind_ == Kind::kMax || kind_ == Kind::kLogSumExp; }

  std::string forward(OpContext& context) const override {
    const Layout s = layout(context.in[0].shape);
    const float* x = context.f32(0);
    float* y = context.out_f32();
    const float scale = kind_ == Kind::kMean ? 1.0f / static_cast<float>(s.count) : 1.0f;
    over_outputs(context.pool, s, [&](int64_t outer, int64_t first, int64_t last) {
      const float* base = x + s.kept[outer];
      if (s.run_reduced) {
        y[outer] = reduce_run(s, base, scale);
      } else {
        reduce_columns(s, base, y + outer * s.run, first, last, scale);
      }
    });
    return "";
  }

  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const Layout s = layout(context.in[0].shape);
    const float* x = context.f32(0);
    const float* y = context.out_f32();
    const float* dy = context.dy;
    float* dx = context.dx[0];
    const bool accumulate = context.accumulate[0];
    const float scale = kind_ == Kind::kMean ? 1.0f / static_cast<float>(s.count) : 1.0f;
    over_outputs(context.pool, s, [&](int64_t outer, int64_t first, int64_t last) {
      std::vector<float> share;  // 1 / number of equal maxima
      if (kind_ == Kind::kMax) share = shares_of_ties(s, x + s.kept[outer], y + (s.run_reduced ? outer : outer * s.run), first, last);
      for (int64_t offset : s.reduced) {
        const int64_t at = s.kept[outer] + offset;
        const auto term = [&](int64_t i) {
          const int64_t to = s.run_reduced ? outer : outer * s.run + i;
          const float g = dy[to] * scale;
          if (kind_ == Kind::kMax) return x[at + i] == y[to] ? g * share[s.run_reduced ? 0 : i - first] : 0.0f;
          if (kind_ == Kind::kLogSumExp) return g * exp_f(x[at + i] - y[to]);
          return g;
        };
        store_terms(dx + at, first, last, accumulate, term);
      }
    });
  }

 private:
  bool reduced_axes(const Shape& shape, std::vector<bool>* flags) const {
    flags->assign(shape.size(), axes_.empty());
    for (int64_t given : axes_) {
      const int64_t axis = resolve_axis(given, static_cast<int64_t>(shape.size()));
      if (axis < 0 || (*flags)[axis]) return false;
      (*flags)[axis] = true;
    }
    return true;
  }

  Layout layout(const Shape& shape) const {
    std::vector<bool> flags;
    reduced_axes(shape, &flags);
    Layout s;
    int axis = static_cast<int>(shape.size()) - 1;
    while (axis >= 0 && shape[axis] == 1) axis--;
    s.run_reduced = axis >= 0 && flags[axis];
    for (; axis >= 0 && (flags[axis] == s.run_reduced || shape[axis] == 1); axis--) s.run *= shape[axis];
    s.kept = s.reduced = {0};
    int64_t step = s.run;
    // Innermost first: offsets of outer axes are the slower ones.
    for (; axis >= 0; axis--) {
      std::vector<int64_t>& offsets = flags[axis] ? s.reduced : s.kept;
      const size_t inner = offsets.size();
      std::vector<int64_t> grown;
      grown.reserve(inner * static_cast<size_t>(shape[axis]));
      for (int64_t i = 0; i < shape[axis]; i++) {
        for (size_t j = 0; j < inner; j++) grown.push_back(i * step + offsets[j]);
      }
      offsets = std::move(grown);
      step *= shape[axis];
    }
    s.count = static_cast<int64_t>(s.reduced.size()) * (s.run_reduced ? s.run : 1);
    return s;
  }

  // body(outer, first, last): one outer index and the part [first, last) of the run.
  template <typename Body>
  static void over_outputs(ThreadPool& pool, const Layout& s, const Body& body) {
    const int64_t outer = static_cast<int64_t>(s.kept.size());
    const int64_t work = static_cast<int64_t>(s.reduced.size()) * s.run;
    if (outer == 1 && !s.run_reduced) {
      pool.range(s.run, std::max<int64_t>(64, kGrain / static_cast<int64_t>(s.reduced.size() + 1)), [&](int64_t begin, int64_t end) { body(0, begin, end); });
      return;
    }
    pool.range(outer, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, work)), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; o++) body(o, 0, s.run);
    });
  }

  float reduce_run(const Layout& s, const float* base, float scale) const {
    if (kind_ == Kind::kSum || kind_ == Kind::kMean) {
      double total = 0;
      for (int64_t offset : s.reduced) total += sum_of(base + offset, s.run);
      return static_cast<float>(total * scale);
    }
    float best = max_of(base, s.run);
    for (int64_t offset : s.reduced) {
      const float each = max_of(base + offset, s.run);
      best = each > best || each != each ? each : best;
    }
    if (kind_ == Kind::kMax || !std::isfinite(best)) return best;
    double total = 0;
    for (int64_t offset : s.reduced) {
      const float* x = base + offset;
      total += sum_terms(s.run, [=](int64_t i) { return exp_f(x[i] - best); });
    }
    return best + static_cast<float>(std::log(total));
  }

  void reduce_columns(const Layout& s, const float* base, float* y, int64_t first, int64_t last, float scale) const {
    if (kind_ == Kind::kSum || kind_ == Kind::kMean) {
      for (int64_t i = first; i < last; i++) y[i] = 0;
      for (int64_t offset : s.reduced) {
        const float* x = base + offset;
        for (int64_t i = first; i < last; i++) y[i] += x[i];
      }
      for (int64_t i = first; i < last; i++) y[i] *= scale;
      return;
    }
    std::memcpy(y + first, base + s.reduced[0] + first, static_cast<size_t>(last - first) * 4);
    for (int64_t offset : s.reduced) {
      const float* x = base + offset;
      for (int64_t i = first; i < last; i++) y[i] = x[i] > y[i] || x[i] != x[i] ? x[i] : y[i];
    }
    if (kind_ == Kind::kMax) return;
    std::vector<float> total(static_cast<size_t>(last - first), 0.0f);
    for (int64_t offset : s.reduced) {
      const float* x = base + offset;
      for (int64_t i = first; i < last; i++) total[i - first] += exp_f(x[i] - y[i]);
    }
    for (int64_t i = first; i < last; i++) {
      if (std::isfinite(y[i])) y[i] += std::log(total[i - first]);
    }
  }

  static std::vector<float> shares_of_ties(const Layout& s, const float* base, const float* y, int64_t first, int64_t last) {
    std::vector<float> ties(s.run_reduced ? 1 : static_cast<size_t>(last - first), 0.0f);
    for (int64_t offset : s.reduced) {
      for (int64_t i = first; i < last; i++) {
        const int64_t to = s.run_reduced ? 0 : i;
        if (base[offset + i] == y[to]) ties[s.run_reduced ? 0 : i - first] += 1;
      }
    }
    for (float& each : ties) each = each > 0 ? 1.0f / each : 0.0f;
    return ties;
  }

  Kind kind_;
  Shape axes_;
  bool keepdims_;
};

}  // namespace

std::unique_ptr<Op> make_reduce_sum(AttributeReader& attributes) { return std::make_unique<ReduceOp>(attributes, Kind::kSum); }
std::unique_ptr<Op> make_reduce_mean(AttributeReader& attributes) { return std::make_unique<ReduceOp>(attributes, Kind::kMean); }
std::unique_ptr<Op> make_reduce_max(AttributeReader& attributes) { return std::make_unique<ReduceOp>(attributes, Kind::kMax); }
std::unique_ptr<Op> make_reduce_log_sum_exp(AttributeReader& attributes) { return std::make_unique<ReduceOp>(attributes, Kind::kLogSumExp); }

}  // namespace isolens
