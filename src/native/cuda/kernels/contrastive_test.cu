#include "contrastive.h"
#include "kernels_test.h"

namespace isolens::cuda::test {

namespace {

struct Case {
  const char* label;
  LossForm form;
  bool exclude, labels, bias;
  float smoothing;
  int64_t pairs, width;
  int64_t more = 0;  // K
  int groups = 0;    // that rows and further columns fall into; 0: none
  bool queue = false;  // the further columns want no gradients
  double weight = -1;  // the largest of the rows' weights; below 0: none are given
  bool targets = false;
};

// The loss as the papers write it, and its gradients by the chain rule over the whole matrix, in double precision.
struct Reference {
  const Case& c;
  std::vector<double> z;  // (2N + K, D): a, b, further columns
  double scale, bias;
  std::vector<int32_t> label;
  std::vector<int32_t> group;  // (N + K), empty where there are none
  std::vector<float> weight, target;  // (N), (N, N), empty where there are none
  double loss = 0, dscale = 0, dbias = 0;
  std::vector<double> dz = {};

  int64_t rows() const { return c.form == LossForm::kViews ? 2 * c.pairs : c.pairs; }
  int64_t columns() const { return rows() + c.more; }
  size_t row_of(int64_t i) const { return static_cast<size_t>(i * c.width); }
  size_t column_of(int64_t j) const { return static_cast<size_t>((c.form == LossForm::kViews ? j : c.pairs + j) * c.width); }
  bool positive(int64_t i, int64_t j) const {
    const bool views = c.form == LossForm::kViews;
    if (j >= rows()) return false;
    if (c.targets) return target[static_cast<size_t>(i * c.pairs + j)] != 0;
    if (c.labels) return label[static_cast<size_t>(i % c.pairs)] == label[static_cast<size_t>(j % c.pairs)] && !(views && i == j);
    return views ? std::abs(i - j) == c.pairs : i == j;
  }
  bool grouped(int64_t i, int64_t j) const {
    if (group.empty() || positive(i, j)) return false;
    const int64_t place = j < rows() ? j % c.pairs : j - rows() + c.pairs;
    const int32_t own = group[static_cast<size_t>(i % c.pairs)], other = group[static_cast<size_t>(place)];
    return own >= 0 && own == other;
  }
  bool excluded(int64_t i, int64_t j) const {
    const bool views = c.form == LossForm::kViews;
    return (views && i == j) || (c.exclude && (views ? std::abs(i - j) == c.pairs : i == j)) || grouped(i, j);
  }

  double target_at(int64_t i, int64_t j) const { return static_cast<double>(target[static_cast<size_t>(i * c.pairs + j)]); }
  // Of one direction's i-th row: what its loss counts in the mean over the rows.
  double weight_of(int64_t i) const {
    double sum = 0;
    for (const float each : weight) sum += static_cast<double>(each);
    if (weight.empty()) return 1;
    return sum == 0 ? 0 : static_cast<double>(weight[static_cast<size_t>(i % c.pairs)]) * static_cast<double>(c.pairs) / sum;
  }

  // Adds one direction's loss and d(loss)/d(logits).
  void add_rows(const std::vector<double>& logits, bool transposed, double row_weight, std::vector<double>* gradient) {
    const int64_t n = rows(), m = columns();
    for (int64_t i = 0; i < n; i++) {
      const double weight = row_weight * weight_of(i);
      const auto at = [&](int64_t j) { return static_cast<size_t>(transposed ? j * m + i : i * m + j); };
      const auto excluded = [&](int64_t row, int64_t j) { return transposed ? this->excluded(j, row) : this->excluded(row, j); };
      const auto positive = [&](int64_t row, int64_t j) { return transposed ? this->positive(j, row) : this->positive(row, j); };
      double top = -INFINITY, sum = 0, count = 0;
      for (int64_t j = 0; j < m; j++) {
        if (!excluded(i, j)) top = std::max(top, logits[at(j)]);
        count += positive(i, j) ? 1 : 0;
      }
      if (!(top > -INFINITY)) continue;
      for (int64_t j = 0; j < m; j++) sum += excluded(i, j) ? 0 : std::exp(logits[at(j)] - top);
      loss += weight * (top + std::log(sum));
      for (int64_t j = 0; j < m; j++) {
        double target = (positive(i, j) ? (1 - static_cast<double>(c.smoothing)) / count : 0) + static_cast<double>(c.smoothing) / static_cast<double>(m);
        if (c.targets) target = positive(i, j) ? target_at(transposed ? j : i, transposed ? i : j) : 0;
        loss -= weight * target * logits[at(j)];
        (*gradient)[at(j)] += weight * ((excluded(i, j) ? 0 : std::exp(logits[at(j)] - top) / sum) - target);
      }
    }
  }

  void run() {
    const int64_t n = rows(), m = columns();
    std::vector<double> cosines(static_cast<size_t>(n * m)), logits(cosines.size()), gradient(cosines.size());
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < m; j++) {
        double sum = 0;
        for (int64_t k = 0; k < c.width; k++) sum += z[row_of(i) + static_cast<size_t>(k)] * z[column_of(j) + static_cast<size_t>(k)];
        cosines[static_cast<size_t>(i * m + j)] = sum;
        logits[static_cast<size_t>(i * m + j)] = scale * sum + bias;
      }
    }
    if (c.form == LossForm::kPairwise) {
      for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
          if (grouped(i, j)) continue;
          const double sign = positive(i, j) ? -1 : 1, u = sign * logits[static_cast<size_t>(i * n + j)];
          loss += (std::max(u, 0.0) + std::log1p(std::exp(-std::fabs(u)))) / static_cast<double>(n);
          gradient[static_cast<size_t>(i * n + j)] = sign / (1 + std::exp(-u)) / static_cast<double>(n);
        }
      }
    } else {
      const double weight = (c.form == LossForm::kSymmetric ? 0.5 : 1) / static_cast<double>(n);
      add_rows(logits, false, weight, &gradient);
      if (c.form == LossForm::kSymmetric) add_rows(logits, true, weight, &gradient);
    }
    dz.assign(z.size(), 0);
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < m; j++) {
        const double g = gradient[static_cast<size_t>(i * m + j)];
        dscale += g * cosines[static_cast<size_t>(i * m + j)];
        dbias += g;
        for (size_t k = 0; k < static_cast<size_t>(c.width); k++) {
          dz[row_of(i) + k] += g * scale * z[column_of(j) + k];
          dz[column_of(j) + k] += g * scale * z[row_of(i) + k];
        }
      }
    }
  }
};

// Length of the difference over length of what is wanted.
double distance(const std::vector<double>& wanted, const std::vector<float>& received) {
  double difference = 0, length = 1e-30;
  for (size_t i = 0; i < wanted.size(); i++) {
    difference += (wanted[i] - static_cast<double>(received[i])) * (wanted[i] - static_cast<double>(received[i]));
    length += wanted[i] * wanted[i];
  }
  return std::sqrt(difference / length);
}

std::vector<double> scaled(double factor, std::vector<double> values, const std::vector<float>& added) {
  for (size_t i = 0; i < values.size(); i++) values[i] = factor * values[i] + static_cast<double>(added[i]);
  return values;
}

// sharp: only that the loss is right and the gradients finite, since a probability then hangs on the last bit of a logit.
int run(std::mt19937_64& random, Precision precision, const Case& c, float scale, bool sharp = false) {
  const size_t half = static_cast<size_t>(c.pairs * c.width), rest = static_cast<size_t>(c.more * c.width);
  std::vector<float> z = random_values(random, 2 * half + rest);
  for (size_t i = 0; i < static_cast<size_t>(2 * c.pairs + c.more); i++) {
    double squares = 0;
    for (size_t k = 0; k < static_cast<size_t>(c.width); k++) squares += static_cast<double>(z[i * static_cast<size_t>(c.width) + k]) * static_cast<double>(z[i * static_cast<size_t>(c.width) + k]);
    for (size_t k = 0; k < static_cast<size_t>(c.width); k++) z[i * static_cast<size_t>(c.width) + k] /= static_cast<float>(std::sqrt(squares));
  }
  const float bias = c.bias ? -1.5f : 0, dloss = 0.75f;
  std::vector<int32_t> label;
  for (int64_t i = 0; i < c.pairs; i++) label.push_back(static_cast<int32_t>(between(random, 0, 4)));
  std::vector<int32_t> group;  // -1: of none
  for (int64_t i = 0; c.groups > 0 && i < c.pairs + c.more; i++) {
    group.push_back(static_cast<int32_t>(between(random, c.groups > 1 ? -1 : 0, c.groups - 1)));
  }
  std::vector<float> weight, target;
  for (int64_t i = 0; c.weight >= 0 && i < c.pairs; i++) weight.push_back(static_cast<float>(c.weight) * static_cast<float>(between(random, 0, 8)) / 8);
  // Half of them 0: such a pair is a negative, partner or not.
  for (int64_t i = 0; c.targets && i < c.pairs * c.pairs; i++) {
    target.push_back(static_cast<float>(std::max<int64_t>(0, between(random, -3, 4))) / static_cast<float>(c.pairs));
  }
  Reference reference{c, std::vector<double>(z.begin(), z.end()), static_cast<double>(scale), static_cast<double>(bias), label, group, weight, target};
  reference.run();

  const auto middle = z.begin() + static_cast<int64_t>(half), end = middle + static_cast<int64_t>(half);
  const std::vector<float> before = random_values(random, 2 * half, 0.01f);
  const DeviceArray<float> a(std::vector<float>(z.begin(), middle)), b(std::vector<float>(middle, end)), further(std::vector<float>(end, z.end()));
  const DeviceArray<float> device_scale(std::vector<float>{scale}), device_bias(std::vector<float>{bias}), device_dloss(std::vector<float>{dloss});
  const DeviceArray<float> loss(1), da(half), db(std::vector<float>(before.begin(), before.begin() + static_cast<int64_t>(half))), dscale(1), dbias(std::vector<float>{0.5f});
  const DeviceArray<float> dfurther(std::vector<float>(rest, 0.25f));
  const DeviceArray<int32_t> device_label(label), device_group(group);
  const DeviceArray<float> device_weight(weight), device_target(target);
  ContrastiveProblem p;
  p.form = c.form, p.exclude_positive = c.exclude, p.smoothing = c.smoothing, p.pairs = c.pairs, p.width = c.width, p.more = c.more;
  p.further = c.more > 0 ? further.data() : nullptr;
  p.group = c.groups > 0 ? device_group.data() : nullptr, p.more_group = c.groups > 0 && c.more > 0 ? device_group.data() + c.pairs : nullptr;
  p.weight = c.weight >= 0 ? device_weight.data() : nullptr, p.target = c.targets ? device_target.data() : nullptr;
  p.a = a.data(), p.b = b.data(), p.scale = device_scale.data(), p.bias = c.bias ? device_bias.data() : nullptr, p.label = c.labels ? device_label.data() : nullptr;
  const DeviceArray<char> workspace(contrastive_workspace_bytes(precision, p));
  const DeviceArray<float> saved(contrastive_saved_bytes(p) / sizeof(float));
  ContrastiveGradients g;
  g.a = da.data(), g.b = db.data(), g.scale = dscale.data(), g.bias = c.bias ? dbias.data() : nullptr;
  g.further = c.more > 0 && !c.queue ? dfurther.data() : nullptr;
  g.accumulate[4] = c.pairs % 2 == 0;
  g.accumulate[1] = g.accumulate[3] = true;
  cudaError_t status = contrastive_forward(precision, loss.data(), p, saved.data(), workspace.data(), nullptr);
  if (status == cudaSuccess) status = contrastive_backward(precision, g, device_dloss.data(), p, saved.data(), workspace.data(), nullptr);

  const double bound = precision == Precision::kF32 ? 1e-5 : 1e-2, factor = static_cast<double>(dloss);
  const std::vector<float> nothing(half, 0.0f), added(before.begin(), before.begin() + static_cast<int64_t>(half));
  const std::vector<double> wanted_a = scaled(factor, {reference.dz.begin(), reference.dz.begin() + static_cast<int64_t>(half)}, nothing);
  const auto second = reference.dz.begin() + static_cast<int64_t>(half), third = second + static_cast<int64_t>(half);
  const std::vector<double> wanted_b = scaled(factor, {second, third}, added);
  const std::vector<float> further_added(rest, c.queue || g.accumulate[4] ? 0.25f : 0);
  const std::vector<double> wanted_further = scaled(c.queue ? 0 : factor, {third, reference.dz.end()}, further_added);
  const std::string rows = std::to_string(c.pairs) + (c.more > 0 ? " + " + std::to_string(c.more) : "");
  const std::string more = std::string(c.weight < 0 ? "" : c.weight > 0 ? ", weights" : ", weights of 0") + (c.targets ? ", targets" : "");
  const std::string name = std::string("contrastive ") + name_of(precision) + " " + c.label + more + " (" + rows + ", " + std::to_string(c.width) + ") scale " + std::to_string(static_cast<int>(scale)) + " ";
  const auto check = [&](const char* what, double error) { return report(name + what, status == cudaSuccess ? error : INFINITY, bound); };
  const auto one = [](double wanted, double received) { return std::fabs(wanted - received) / std::max(0.05, std::fabs(wanted)); };
  int failures = check("loss", one(reference.loss, static_cast<double>(loss.values()[0])));
  if (sharp) {
    double sum = 0;
    for (const auto* array : {&da, &db, &dfurther}) {
      for (float value : array->values()) sum += static_cast<double>(value);
    }
    return failures + check("gradients are finite", std::isfinite(sum) ? 0 : INFINITY);
  }
  failures += check("d(a)", distance(wanted_a, da.values())) + check("d(b), added", distance(wanted_b, db.values()));
  failures += check("d(scale)", one(factor * reference.dscale, static_cast<double>(dscale.values()[0])));
  if (c.more > 0) failures += check("d(further)", distance(wanted_further, dfurther.values()));
  if (c.bias) failures += check("d(bias), added", one(factor * reference.dbias + 0.5, static_cast<double>(dbias.values()[0])));
  return failures;
}

// A queue is larger than a batch by far: scratch grows with its rows, not with the matrix of logits (64 MiB of f32 here).
int check_memory(Precision precision) {
  ContrastiveProblem p;
  p.pairs = 256, p.width = 128;
  const size_t alone = contrastive_workspace_bytes(precision, p);
  p.more = 65536;
  const size_t queue = contrastive_workspace_bytes(precision, p);
  // Rows and their gradients, no matter how often the columns are split; a tile in memory is (1024, 1024) f32.
  const double bound = static_cast<double>((p.pairs + p.more) * p.width * 6 + (int64_t{12} << 20));
  p.pairs = 512;
  const size_t twice = contrastive_workspace_bytes(precision, p);
  const std::string name = std::string("contrastive ") + name_of(precision) + " workspace with K = 65536, ";
  const double added = queue < alone ? INFINITY : static_cast<double>(twice - queue) / static_cast<double>(4 << 20);
  return report(name + "N = 256", static_cast<double>(queue) / bound, 1) + report(name + "N = 256 more", added, 1);
}

// Further columns, and rows that are no negatives of each other.
int check_further(std::mt19937_64& random) {
  const Case cases[] = {
      {"rows, further", LossForm::kRows, false, false, false, 0, 70, 20, 1},
      {"rows, further, queue", LossForm::kRows, false, false, false, 0, 21, 33, 200, 0, true},
      {"rows, further, labels", LossForm::kRows, false, true, false, 0, 30, 20, 90},
      {"rows, further, smoothed", LossForm::kRows, false, false, false, 0.2f, 30, 20, 90},
      {"rows, further, positive excluded", LossForm::kRows, true, false, false, 0, 19, 20, 130},
      {"rows, further, groups", LossForm::kRows, false, false, false, 0, 70, 130, 150, 5},
      {"rows, further, groups, queue", LossForm::kRows, false, false, false, 0, 20, 12, 1100, 5, true},
      {"rows, further, groups, labels", LossForm::kRows, false, true, false, 0, 30, 20, 90, 5},
      {"rows, further, one group, positive excluded", LossForm::kRows, true, false, false, 0, 30, 20, 90, 1},
      {"rows, groups", LossForm::kRows, false, false, false, 0, 40, 20, 0, 5},
      {"symmetric, groups", LossForm::kSymmetric, false, false, false, 0, 90, 20, 0, 5},
      {"symmetric, groups, positive excluded", LossForm::kSymmetric, true, false, false, 0, 70, 20, 0, 3},
      {"symmetric, one group, labels", LossForm::kSymmetric, false, true, false, 0, 30, 20, 0, 1},
      {"views, groups", LossForm::kViews, false, false, false, 0, 70, 20, 0, 5},
      {"views, groups, labels", LossForm::kViews, false, true, false, 0, 30, 20, 0, 5},
      {"pairwise, groups", LossForm::kPairwise, false, false, true, 0, 70, 20, 0, 5},
      {"pairwise, one group", LossForm::kPairwise, false, true, true, 0, 30, 20, 0, 1},
  };
  int failures = 0;
  for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
    for (const Case& c : cases) failures += run(random, precision, c, 10) + run(random, precision, c, 3000, true);
    failures += check_memory(precision);
    Case covered{"views, one group", LossForm::kViews, false, false, false, 0, 30, 20, 0, 1};
    failures += run(random, precision, covered, 10, true);
  }
  // Wider than the fused kernels hold.
  Case wide = cases[5];
  wide.pairs = 20, wide.width = 530;
  return failures + run(random, Precision::kBf16, wide, 20);
}

// A case of rows that count by weights, or of soft targets.
Case soft(Case c, double weight, bool targets) {
  c.weight = weight;
  c.targets = targets;
  return c;
}

int check_soft(std::mt19937_64& random) {
  const Case rows{"rows", LossForm::kRows, false, false, false, 0, 70, 20}, symmetric{"symmetric", LossForm::kSymmetric, false, false, false, 0, 90, 20};
  const Case views{"views", LossForm::kViews, false, false, false, 0, 70, 20};
  const Case further{"rows, further, groups", LossForm::kRows, false, false, false, 0, 70, 130, 150, 5};
  const Case groups{"symmetric, groups", LossForm::kSymmetric, false, false, false, 0, 90, 20, 0, 5};
  const Case decoupled{"views, positive excluded", LossForm::kViews, true, false, false, 0, 70, 20};
  const Case decoupled_groups{"views, positive excluded, groups", LossForm::kViews, true, false, false, 0, 35, 130, 0, 5};
  const Case labels{"views, labels", LossForm::kViews, false, true, false, 0, 30, 20};
  const Case smoothed{"rows, further, smoothed", LossForm::kRows, false, false, false, 0.2f, 30, 20, 90};
  const Case both_smoothed{"symmetric, smoothed", LossForm::kSymmetric, false, false, false, 0.2f, 90, 20};
  const Case cases[] = {soft(rows, 1, false), soft(rows, 1, true), soft(rows, -1, true), soft(rows, 0, true), soft(symmetric, 1, false),
                        soft(symmetric, 1, true), soft(symmetric, -1, true), soft(symmetric, 0, false), soft(views, 1, false), soft(views, 0, false),
                        soft(further, 1, false), soft(further, 1, true), soft(groups, 1, true), soft(groups, -1, true), decoupled,
                        soft(decoupled, 1, false), soft(decoupled_groups, 1, false), soft(labels, 1, false), soft(smoothed, 1, false),
                        soft(both_smoothed, 1, false)};
  int failures = 0;
  for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
    for (const Case& c : cases) failures += run(random, precision, c, 10) + run(random, precision, c, 3000, true);
  }
  // Wider than the fused kernels hold.
  Case wide = soft(groups, 1, true);
  wide.pairs = 20, wide.width = 530;
  return failures + run(random, Precision::kBf16, wide, 20);
}

}  // namespace

int check_contrastive(std::mt19937_64& random) {
  const Case cases[] = {
      {"rows", LossForm::kRows, false, false, false, 0, 0, 0},
      {"rows, positive excluded", LossForm::kRows, true, false, false, 0, 0, 0},
      {"rows, smoothed", LossForm::kRows, false, false, false, 0.2f, 0, 0},
      {"symmetric", LossForm::kSymmetric, false, false, false, 0, 0, 0},
      {"symmetric, labels", LossForm::kSymmetric, false, true, false, 0, 0, 0},
      {"symmetric, smoothed", LossForm::kSymmetric, false, false, false, 0.1f, 0, 0},
      {"views", LossForm::kViews, false, false, false, 0, 0, 0},
      {"views, labels", LossForm::kViews, false, true, false, 0, 0, 0},
      {"pairwise", LossForm::kPairwise, false, false, true, 0, 0, 0},
      {"pairwise, labels", LossForm::kPairwise, false, true, true, 0, 0, 0},
  };
  int failures = 0;
  for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
    for (Case c : cases) {
      c.pairs = between(random, 2, 90), c.width = between(random, 1, 40);
      failures += run(random, precision, c, 10);
    }
    Case one = cases[3];
    one.pairs = 1, one.width = 3;
    failures += run(random, precision, one, 10);
  }
  // Logits beyond +-1000.
  for (const Case& each : {cases[3], cases[6], cases[8]}) {
    Case sharp = each;
    sharp.pairs = 12, sharp.width = 20;
    failures += run(random, Precision::kF32, sharp, 3000, true) + run(random, Precision::kBf16, sharp, 3000, true);
  }
  // Wide embeddings, several tiles a block, and the path through memory for what is wider still.
  Case wide = cases[3];
  wide.pairs = between(random, 65, 75), wide.width = between(random, 300, 512);
  failures += run(random, Precision::kBf16, wide, 20);
  wide.pairs = 20, wide.width = 530;
  failures += run(random, Precision::kBf16, wide, 20);
  wide.pairs = between(random, 200, 250), wide.width = between(random, 129, 256);
  failures += run(random, Precision::kBf16, wide, 20);
  return failures + check_further(random) + check_soft(random);
}

}  // namespace isolens::cuda::test
