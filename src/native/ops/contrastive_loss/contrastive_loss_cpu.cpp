// The contrastive loss of a batch of pairs without the N x N matrix: products of blocks of rows make one tile of logits after the
// other, forward keeps a running log-sum-exp for each row (and column), backward makes the tiles once more.
//
// y: () = loss of a: (N, D), b: (N, D), scale: (), and what may be left out: bias: () (pairwise only), label: (N) i32,
// more: (K, D) (rows only), group: (N) i32, more_group: (K) i32, weight: (N) (not pairwise), target: (N, N) (rows and symmetric only).
// No gradient reaches weight and target.
#include <cmath>
#include <cstring>

#include "contrastive_loss.h"

namespace isolens {

namespace {

constexpr int64_t kBlock = kContrastiveBlock;

enum Input : size_t { kA, kB, kScale, kBias, kLabel, kMore, kGroup, kMoreGroup, kWeight, kTarget };

struct Block {
  const float* x;  // (rows, D)
  float* dx;       // (rows, D), or null
  int64_t first, rows;
};

class ContrastiveLossOp final : public Op {
 public:
  explicit ContrastiveLossOp(AttributeReader& attributes) : smoothing_(static_cast<float>(attributes.number("smoothing", 0))) {
    const std::string form = attributes.word("form", "rows");
    const char* const names[] = {"rows", "symmetric", "views", "pairwise"};
    bool known = false;
    for (int i = 0; i < 4; i++) {
      if (form != names[i]) continue;
      form_ = static_cast<ContrastiveForm>(i);
      known = true;
    }
    if (!known) attributes.refuse("form", "one of rows, symmetric, views and pairwise");
    exclude_positive_ = attributes.integer("excludePositive", 0, 0, 1) == 1;
    if (!(smoothing_ >= 0 && smoothing_ < 1)) attributes.refuse("smoothing", "at least 0 and below 1");
    if (smoothing_ > 0 && (!crossed() || exclude_positive_)) attributes.refuse("smoothing", "0 unless rows or columns include their positive");
    if (exclude_positive_ && form_ == ContrastiveForm::kPairwise) {
      attributes.refuse("excludePositive", "0 in the form pairwise, which has no denominator");
    }
  }

  Signature signature() const override { return {3, 10, "ffffifiiff"}; }

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[kA].rank() != 2 || in[kA].shape != in[kB].shape) return "two equal shapes (N, D)";
    if (in[kScale].rank() != 0) return "a scale of shape ()";
    if (present(in, kBias) && (in[kBias].rank() != 0 || form_ != ContrastiveForm::kPairwise)) return "a bias of shape () and only in the pairwise form";
    if (present(in, kLabel) && (in[kLabel].shape != Shape{in[kA].shape[0]} || exclude_positive_)) return "labels (N), and none where positives are excluded";
    out->shape = {};
    const std::string expected = infer_further(in);
    return expected.empty() ? infer_targets(in) : expected;
  }
  bool differentiable(size_t input, const std::vector<TensorSpec>& in) const override {
    return input != kWeight && input != kTarget && in[input].dtype == DType::kF32;
  }

  size_t saved_bytes(const std::vector<TensorSpec>& in, const TensorSpec&) const override {
    return (present(in, kWeight) ? 4 : 3) * static_cast<size_t>(2 * in[kA].shape[0]) * sizeof(float);
  }
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, int) const override {
    const size_t rows = static_cast<size_t>(std::min(kBlock, in[kA].shape[0]));
    return tile_bytes(in) + std::max(static_cast<size_t>(2 * in[kA].shape[0]) * sizeof(RowStatistic), 2 * rows * sizeof(double));
  }

  std::string forward(OpContext& context) const override {
    const ContrastiveTerms terms = make_terms(context);
    if (exclude_positive_ && terms.pairs + terms.more < 2) {
      return "expected at least 2 pairs where the positive is excluded but received " + std::to_string(terms.pairs);
    }
    auto* statistics = reinterpret_cast<RowStatistic*>(scratch(context));
    std::fill(statistics, statistics + terms.statistics(), RowStatistic{});
    for_tiles(context, terms, [&](const LogitTile& tile, const Block&, const Block&) { add_to_statistics(context.pool, terms, tile, statistics); });
    context.out_f32()[0] = static_cast<float>(contrastive_loss(terms, statistics));
    if (context.saved != nullptr) save(terms, statistics, static_cast<float*>(context.saved));
    return "";
  }

  void backward(OpContext& context) const override {
    const ContrastiveTerms terms = make_terms(context);
    const int64_t width = context.in[kA].shape[1], count = terms.statistics();
    const auto* saved = static_cast<const float*>(context.saved);
    const RowShares shares{saved, saved + count, saved + 2 * count, terms.weight == nullptr ? nullptr : saved + 3 * count};
    for (size_t k : {kA, kB, kMore}) {
      if (context.wants(k) && !context.accumulate[k]) std::memset(context.dx[k], 0, static_cast<size_t>(context.in[k].count()) * sizeof(float));
    }
    ScalarGradients scalars;
    auto* row_sums = reinterpret_cast<double*>(scratch(context));
    for_tiles(context, terms, [&](const LogitTile& tile, const Block& left, const Block& right) {
      logit_gradients(context.pool, terms, tile, shares, context.dy[0], row_sums, &scalars);
      const bool same = terms.views() && tile.row == tile.column;
      if (left.dx != nullptr) gemm(context.pool, context.precision, false, false, tile.rows, width, tile.columns, terms.scale, tile.at, tile.columns, right.x, width, 1, left.dx, width);
      if (right.dx != nullptr && !same) gemm(context.pool, context.precision, true, false, tile.columns, width, tile.rows, terms.scale, tile.at, tile.columns, left.x, width, 1, right.dx, width);
    });
    if (context.wants(kScale)) add_scalar(context, kScale, scalars.scale);
    if (context.wants(kBias)) add_scalar(context, kBias, scalars.bias);
  }

 private:
  bool crossed() const { return form_ == ContrastiveForm::kRows || form_ == ContrastiveForm::kSymmetric; }
  static bool present(const std::vector<TensorSpec>& in, size_t k) { return k < in.size() && in[k].present; }
  // "" or what was expected of the inputs that change which pairs count.
  std::string infer_further(const std::vector<TensorSpec>& in) const {
    const Shape& a = in[kA].shape;
    const bool more = present(in, kMore);
    if (more && (form_ != ContrastiveForm::kRows || in[kMore].rank() != 2 || in[kMore].shape[1] != a[1])) {
      return "further columns (K, D) and only in the form rows";
    }
    if (present(in, kGroup) && (in[kGroup].shape != Shape{a[0]} || smoothing_ > 0)) return "groups (N), and none where smoothing is above 0";
    if (present(in, kMoreGroup) && (!more || !present(in, kGroup) || in[kMoreGroup].shape != Shape{in[kMore].shape[0]})) {
      return "groups (K) of the further columns, and only beside further columns and the groups of the pairs";
    }
    return "";
  }

  // "" or what was expected of the weights and the soft targets.
  std::string infer_targets(const std::vector<TensorSpec>& in) const {
    const int64_t pairs = in[kA].shape[0];
    if (present(in, kWeight) && (in[kWeight].shape != Shape{pairs} || form_ == ContrastiveForm::kPairwise)) {
      return "weights (N) and only in the forms rows, symmetric and views";
    }
    if (!present(in, kTarget)) return "";
    if (in[kTarget].shape != Shape{pairs, pairs} || !crossed()) return "targets (N, N) and only in the forms rows and symmetric";
    if (present(in, kLabel)) return "labels or targets, not both";
    if (smoothing_ > 0) return "targets only where smoothing is 0";
    return exclude_positive_ ? "targets only where no positive is excluded" : "";
  }

  static size_t tile_bytes(const std::vector<TensorSpec>& in) {
    const int64_t pairs = in[kA].shape[0], columns = present(in, kMore) ? std::max(pairs, in[kMore].shape[0]) : pairs;
    return (static_cast<size_t>(std::min(kBlock, pairs) * std::min(kBlock, columns)) * sizeof(float) + 63) / 64 * 64;
  }
  // Behind the tile: statistics (forward) or sums of rows (backward).
  static char* scratch(const OpContext& context) { return static_cast<char*>(context.workspace) + tile_bytes(context.in); }
  static void add_scalar(const OpContext& context, size_t k, double value) {
    context.dx[k][0] = static_cast<float>(value) + (context.accumulate[k] ? context.dx[k][0] : 0.0f);
  }

  ContrastiveTerms make_terms(const OpContext& context) const {
    ContrastiveTerms terms;
    terms.form = form_;
    terms.exclude_positive = exclude_positive_;
    terms.smoothing = smoothing_;
    terms.pairs = context.in[kA].shape[0];
    terms.more = context.has(kMore) ? context.in[kMore].shape[0] : 0;
    terms.label = context.has(kLabel) ? context.i32(kLabel) : nullptr;
    terms.group = context.has(kGroup) ? context.i32(kGroup) : nullptr;
    terms.more_group = context.has(kMoreGroup) ? context.i32(kMoreGroup) : nullptr;
    terms.weight = context.has(kWeight) ? context.f32(kWeight) : nullptr;
    terms.target = context.has(kTarget) ? context.f32(kTarget) : nullptr;
    terms.scale = context.f32(kScale)[0];
    terms.bias = context.has(kBias) ? context.f32(kBias)[0] : 0;
    return terms;
  }

  // Blocks of one side's rows, numbered from `first`.
  static void add_blocks(const OpContext& context, size_t side, int64_t first, std::vector<Block>* blocks) {
    const int64_t rows = context.in[side].shape[0], width = context.in[side].shape[1];
    float* dx = context.wants(side) ? context.dx[side] : nullptr;
    for (int64_t at = 0; at < rows; at += kBlock) {
      blocks->push_back({context.f32(side) + at * width, dx == nullptr ? nullptr : dx + at * width, first + at, std::min(kBlock, rows - at)});
    }
  }

  // body(tile of cosines, block of its rows, block of its columns)
  template <typename Body>
  static void for_tiles(OpContext& context, const ContrastiveTerms& terms, const Body& body) {
    std::vector<Block> rows, columns;
    add_blocks(context, kA, 0, &rows);
    if (terms.views()) add_blocks(context, kB, terms.pairs, &rows);
    if (!terms.views()) add_blocks(context, kB, 0, &columns);
    if (terms.more > 0) add_blocks(context, kMore, terms.pairs, &columns);
    const std::vector<Block>& across = terms.views() ? rows : columns;
    const int64_t width = context.in[kA].shape[1];
    auto* logits = static_cast<float*>(context.workspace);
    for (size_t i = 0; i < rows.size(); i++) {
      for (size_t j = terms.views() ? i : 0; j < across.size(); j++) {
        const Block &left = rows[i], &right = across[j];
        gemm(context.pool, context.precision, false, true, left.rows, right.rows, width, 1, left.x, width, right.x, width, 0, logits, right.rows);
        body(LogitTile{logits, left.first, left.rows, right.first, right.rows}, left, right);
      }
    }
  }

  static void save(const ContrastiveTerms& terms, const RowStatistic* statistics, float* saved) {
    const int64_t count = terms.statistics();
    const double norm = terms.weight_norm();
    for (int64_t i = 0; i < count; i++) {
      const double weight = terms.weight_of(i, norm);
      saved[i] = statistics[i].top;
      // A row of which everything is left out has neither probabilities nor a target.
      const bool counts = terms.form == ContrastiveForm::kPairwise || statistics[i].sum != 0;
      saved[count + i] = counts ? static_cast<float>(weight / statistics[i].sum) : 0;
      saved[2 * count + i] = counts ? static_cast<float>(weight) / terms.count_of(statistics[i]) : 0;
      if (terms.weight != nullptr) saved[3 * count + i] = static_cast<float>(weight);
    }
  }

  ContrastiveForm form_ = ContrastiveForm::kRows;
  bool exclude_positive_ = false;
  float smoothing_;
};

}  // namespace

std::unique_ptr<Op> make_contrastive_loss(AttributeReader& attributes) { return std::make_unique<ContrastiveLossOp>(attributes); }

}  // namespace isolens
