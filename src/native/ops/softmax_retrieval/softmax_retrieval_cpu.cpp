// What rows retrieve from a modern Hopfield network (Ramsauer et al. 2021, arXiv:2008.02217) without the N x M matrix of their
// weights: blocks of rows give one tile of cosines after the other, forward keeps a running maximum and sum for each row and
// rescales what it has gathered where the maximum grows, backward makes the tiles once more from what is kept of a row, its
// log-sum-exp in two numbers (FlashAttention: Dao et al. 2022, arXiv:2205.14135). Memory grows with (N + M) * D.
//
// y: (N, D) = softmax(scale * state stored^T) stored of state: (N, D), stored: (M, D), scale: (). Both may be the same tensor.
// With p the weights and g_ij = p_ij (dy_i . stored_j - dy_i . y_i):
//   dstate_i = scale * sum_j g_ij stored_j    dstored_j = sum_i (scale * g_ij state_i + p_ij dy_i)    dscale = sum_ij g_ij cos_ij
// As a row's g sum to 0, its largest cosine may be taken from all of them; then the rounding of the largest p does not count.
#include <cmath>
#include <cstring>

#include "../loops.h"
#include "../vector_math.h"

namespace isolens {

namespace {

constexpr int64_t kBlock = 512;  // rows of a block: a tile is 1 MiB

enum Input : size_t { kState, kStored, kScale };

struct Rows {
  int64_t first, count;
};

// Of one row, forward: sum of e^(logit - top) over the columns so far.
struct Running {
  double sum = 0;
  float top = -std::numeric_limits<float>::max();
};

int64_t grain(int64_t width) { return std::max<int64_t>(1, kGrain / 4 / std::max<int64_t>(1, width)); }

class SoftmaxRetrievalOp final : public Op {
 public:
  Signature signature() const override { return {3, 3, "fff"}; }

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    const TensorSpec &state = in[kState], &stored = in[kStored];
    if (state.rank() != 2 || stored.rank() != 2 || state.shape[1] != stored.shape[1]) return "a state (N, D) and stored rows (M, D)";
    if (in[kScale].rank() != 0) return "a scale of shape ()";
    out->shape = state.shape;
    return "";
  }
  bool backward_reads_output() const override { return true; }

  size_t saved_bytes(const std::vector<TensorSpec>& in, const TensorSpec&) const override {
    return static_cast<size_t>(2 * in[kState].shape[0]) * sizeof(float);
  }
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, int) const override {
    static_assert(sizeof(Running) <= 2 * sizeof(double), "the scratch of a block's rows serves either direction");
    return 2 * tile_floats(in) * sizeof(float) + static_cast<size_t>(kBlock) * 2 * sizeof(double);
  }

  std::string forward(OpContext& context) const override {
    const int64_t width = context.in[kState].shape[1], count = context.in[kState].shape[0];
    auto* running = static_cast<Running*>(scratch(context));
    auto* tile = static_cast<float*>(context.workspace);
    float* out = context.out_f32();
    for_blocks(context, kState, [&](const Rows& rows) {
      float* to = out + rows.first * width;
      std::fill(running, running + rows.count, Running{});
      std::memset(to, 0, static_cast<size_t>(rows.count * width) * sizeof(float));
      for_blocks(context, kStored, [&](const Rows& columns) {
        cosines(context, rows, columns, context.f32(kState), tile);
        add_tile(context, rows, columns, tile, running, to);
        gemm(context.pool, context.precision, false, false, rows.count, width, columns.count, 1, tile, columns.count,
             context.f32(kStored) + columns.first * width, width, 1, to, width);
      });
      finish(context, rows, running, to, count);
    });
    return "";
  }

  void backward(OpContext& context) const override {
    const int64_t width = context.in[kState].shape[1];
    const float scale = context.f32(kScale)[0];
    const float *state = context.f32(kState), *stored = context.f32(kStored);
    // One memory may be both gradients: the second adds to the first.
    for (size_t k : {kState, kStored}) {
      if (context.wants(k) && !context.accumulate[k]) std::memset(context.dx[k], 0, static_cast<size_t>(context.in[k].count()) * sizeof(float));
    }
    auto* weights = static_cast<float*>(context.workspace);
    float* gradients = weights + tile_floats(context.in);
    auto* shares = static_cast<double*>(scratch(context));
    double dscale = 0;
    for_blocks(context, kState, [&](const Rows& rows) {
      const float* dy = context.dy + rows.first * width;
      for_blocks(context, kStored, [&](const Rows& columns) {
        const float* values = stored + columns.first * width;
        cosines(context, rows, columns, state, weights);
        cosines(context, rows, columns, context.dy, gradients);
        logit_gradients(context, rows, columns, weights, gradients, shares);
        for (int64_t i = 0; i < rows.count; i++) dscale += shares[i];
        const int64_t n = columns.count;
        if (context.wants(kState)) {
          float* to = context.dx[kState] + rows.first * width;
          gemm(context.pool, context.precision, false, false, rows.count, width, n, scale, gradients, n, values, width, 1, to, width);
        }
        if (!context.wants(kStored)) return;
        float* to = context.dx[kStored] + columns.first * width;
        const float* keys = state + rows.first * width;
        gemm(context.pool, context.precision, true, false, n, width, rows.count, scale, gradients, n, keys, width, 1, to, width);
        gemm(context.pool, context.precision, true, false, n, width, rows.count, 1, weights, n, dy, width, 1, to, width);
      });
    });
    if (context.wants(kScale)) context.dx[kScale][0] = static_cast<float>(dscale) + (context.accumulate[kScale] ? context.dx[kScale][0] : 0.0f);
  }

 private:
  static size_t tile_floats(const std::vector<TensorSpec>& in) {
    return (static_cast<size_t>(std::min(kBlock, in[kState].shape[0]) * std::min(kBlock, in[kStored].shape[0])) + 15) / 16 * 16;
  }
  // Behind the two tiles: what a block's rows gather.
  static void* scratch(const OpContext& context) { return static_cast<float*>(context.workspace) + 2 * tile_floats(context.in); }

  template <typename Body>
  static void for_blocks(const OpContext& context, size_t input, const Body& body) {
    const int64_t rows = context.in[input].shape[0];
    for (int64_t at = 0; at < rows; at += kBlock) body(Rows{at, std::min(kBlock, rows - at)});
  }

  // tile: (rows, columns) = left_i . stored_j, of the state or of what its output receives.
  static void cosines(const OpContext& context, const Rows& rows, const Rows& columns, const float* left, float* tile) {
    const int64_t width = context.in[kState].shape[1];
    gemm(context.pool, context.precision, false, true, rows.count, columns.count, width, 1, left + rows.first * width, width,
         context.f32(kStored) + columns.first * width, width, 0, tile, columns.count);
  }

  // The tile becomes e^(logit - top); what a row has gathered so far is brought to its new top.
  static void add_tile(const OpContext& context, const Rows& rows, const Rows& columns, float* tile, Running* running, float* out) {
    const int64_t n = columns.count, width = context.in[kState].shape[1];
    const float scale = context.f32(kScale)[0];
    context.pool.range(rows.count, grain(n), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        float *logits = tile + i * n, *to = out + i * width;
        store_terms(logits, 0, n, false, [=](int64_t j) { return scale * logits[j]; });
        const float best = max_of(logits, n), before = running[i].top, top = best <= before ? before : best;
        if (top != before) {
          const float factor = exp_f(before - top);
          running[i].sum *= static_cast<double>(factor);
          store_terms(to, 0, width, false, [=](int64_t k) { return factor * to[k]; });
        }
        store_terms(logits, 0, n, false, [=](int64_t j) { return exp_f(logits[j] - top); });
        running[i].sum += sum_of(logits, n);
        running[i].top = top;
      }
    });
  }

  // Sums become means; of every row backward needs its top and 1 / sum.
  static void finish(const OpContext& context, const Rows& rows, const Running* running, float* out, int64_t count) {
    const int64_t width = context.in[kState].shape[1];
    auto* saved = static_cast<float*>(context.saved);
    context.pool.range(rows.count, grain(width), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const float inverse = running[i].sum == 0 ? 0.0f : static_cast<float>(1 / running[i].sum);
        float* to = out + i * width;
        store_terms(to, 0, width, false, [=](int64_t k) { return inverse * to[k]; });
        if (saved == nullptr) continue;
        saved[rows.first + i] = running[i].top;
        saved[count + rows.first + i] = inverse;
      }
    });
  }

  // weights: cosines before, p after; gradients: dy . stored before, g after; shares: the rows' parts of dscale.
  static void logit_gradients(const OpContext& context, const Rows& rows, const Rows& columns, float* weights, float* gradients,
                              double* shares) {
    const int64_t n = columns.count, width = context.in[kState].shape[1];
    const auto* saved = static_cast<const float*>(context.saved);
    const float *tops = saved + rows.first, *inverses = tops + context.in[kState].shape[0];
    const float scale = context.f32(kScale)[0];
    context.pool.range(rows.count, grain(n), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        float *p = weights + i * n, *g = gradients + i * n;
        const float *dy = context.dy + (rows.first + i) * width, *y = context.out_f32() + (rows.first + i) * width;
        const float mean = static_cast<float>(sum_terms(width, [=](int64_t k) { return dy[k] * y[k]; }));
        const float top = tops[i], inverse = inverses[i], centre = scale == 0 ? 0.0f : top / scale;
        store_terms(g, 0, n, false, [=](int64_t j) { return exp_f(scale * p[j] - top) * inverse * (g[j] - mean); });
        shares[i] = sum_terms(n, [=](int64_t j) { return g[j] * (p[j] - centre); });
        store_terms(p, 0, n, false, [=](int64_t j) { return exp_f(scale * p[j] - top) * inverse; });
      }
    });
  }
};

}  // namespace

std::unique_ptr<Op> make_softmax_retrieval(AttributeReader&) { return std::make_unique<SoftmaxRetrievalOp>(); }

}  // namespace isolens
