#include <algorithm>
#include <cmath>

#include "../case.h"

namespace isolens {

namespace {

double cosine(const CaseTensor& x, int64_t i, const CaseTensor& y, int64_t j) {
  double sum = 0;
  for (int64_t k = 0; k < x.shape[1]; k++) sum += x.data[static_cast<size_t>(i * x.shape[1] + k)] * y.data[static_cast<size_t>(j * x.shape[1] + k)];
  return sum;
}

// The whole matrix of logits, one loss a row, as the papers write it.
struct Plain {
  const std::vector<CaseTensor>& in;
  const Json& attributes;
  int64_t pairs = in[0].shape[0];
  std::string form = attributes["form"].as_string();
  bool views = form == "views", labelled = has(4), grouped = has(6);
  bool targeted = has(9), weighted = has(8);
  int64_t more = has(5) ? in[5].shape[0] : 0;

  bool has(size_t k) const { return in.size() > k && !in[k].shape.empty(); }  // what may be left out is no scalar, but for the bias
  int64_t columns() const { return (views ? 2 : 1) * pairs + more; }
  double logit(int64_t i, int64_t j) const {
    if (!views && j >= pairs) return in[2].data[0] * cosine(in[0], i, in[5], j - pairs);
    return in[2].data[0] * cosine(in[i < pairs ? 0 : 1], i % pairs, in[views && j < pairs ? 0 : 1], j % pairs);
  }
  // Of the pair, whichever direction it is read in.
  double target(int64_t i, int64_t j) const { return in[9].data[static_cast<size_t>(i * pairs + j)]; }
  bool positive(int64_t i, int64_t j) const {
    if (!views && j >= pairs) return false;
    if (targeted) return target(i, j) != 0;
    if (labelled) return in[4].data[static_cast<size_t>(i % pairs)] == in[4].data[static_cast<size_t>(j % pairs)] && !(views && i == j);
    return views ? std::abs(i - j) == pairs : i == j;
  }
  // Neither positive nor negative.
  bool left_out(int64_t i, int64_t j) const {
    if (!grouped || positive(i, j)) return false;
    const double own = in[6].data[static_cast<size_t>(i % pairs)];
    if (views || j < pairs) return own >= 0 && own == in[6].data[static_cast<size_t>(j % pairs)];
    return has(7) && own >= 0 && own == in[7].data[static_cast<size_t>(j - pairs)];
  }
  double one(int64_t i, bool transposed) const {
    const double smoothing = attribute(attributes, "smoothing", 0);
    const bool exclude = attribute(attributes, "excludePositive", 0) == 1;
    std::vector<double> kept;
    double target = 0, soft = 0, all = 0, positives = 0;
    for (int64_t j = 0; j < columns(); j++) {
      if ((views && i == j) || (transposed ? left_out(j, i) : left_out(i, j))) continue;
      const double value = transposed ? logit(j, i) : logit(i, j);
      const bool hit = transposed ? positive(j, i) : positive(i, j);
      all += value;
      soft += hit && targeted ? value * (transposed ? this->target(j, i) : this->target(i, j)) : 0;
      target += hit ? value : 0;
      positives += hit ? 1 : 0;
      if (!(exclude && hit)) kept.push_back(value);
    }
    if (kept.empty()) return 0;
    const double top = *std::max_element(kept.begin(), kept.end());
    double sum = 0;
    for (double value : kept) sum += std::exp(value - top);
    if (targeted) return top + std::log(sum) - soft;
    return top + std::log(sum) - (1 - smoothing) * target / positives - smoothing * all / static_cast<double>(columns());
  }
  double pairwise() const {
    double sum = 0;
    for (int64_t i = 0; i < pairs; i++) {
      for (int64_t j = 0; j < pairs; j++) {
        if (left_out(i, j)) continue;
        const double u = (positive(i, j) ? -1 : 1) * (logit(i, j) + (in.size() > 3 && !in[3].data.empty() ? in[3].data[0] : 0));
        sum += std::max(u, 0.0) + std::log1p(std::exp(-std::fabs(u)));
      }
    }
    return sum / static_cast<double>(pairs);
  }
  double loss() const {
    if (form == "pairwise") return pairwise();
    double sum = 0, weights = 0;
    const auto add = [&](int64_t i, bool transposed) {
      const double weight = weighted ? in[8].data[static_cast<size_t>(i % pairs)] : 1;
      sum += weight * one(i, transposed);
      weights += weight;
    };
    for (int64_t i = 0; i < (views ? 2 * pairs : pairs); i++) add(i, false);
    for (int64_t j = 0; form == "symmetric" && j < pairs; j++) add(j, true);
    return weights == 0 ? 0 : sum / weights;
  }
};

OpCase make_row(const std::string& label, const Shape& shape, double range, const char* attributes) {
  OpCase row;
  row.op = "ContrastiveLoss";
  row.label = label + " " + describe(shape);
  row.inputs = {uniform(shape, -range, range), uniform(shape, -range, range), as_parameter(uniform({}, 2, 5))};
  row.attributes = attributes;
  row.reference = [](const std::vector<CaseTensor>& in, const Json& json, CaseTensor* out) { out->data.push_back(Plain{in, json}.loss()); };
  return row;
}

// more: K. groups: how many the rows fall into; 0: none. more_groups: do the further columns have groups too?
struct Further {
  int64_t more;
  double groups;
  bool more_groups;
};

OpCase make_further(const std::string& label, const Shape& shape, double range, const char* attributes, const Further& further,
                    CaseInput labels = left_out()) {
  const std::string groups = further.groups > 0 ? ", groups" : "", more = further.more > 0 ? ", K = " + std::to_string(further.more) : "";
  OpCase row = make_row(label + groups + more, shape, range, attributes);
  const bool biased = std::string(attributes).find("pairwise") != std::string::npos;
  row.inputs.push_back(biased ? as_parameter(uniform({}, -3, -1)) : left_out());
  row.inputs.push_back(std::move(labels));
  row.inputs.push_back(further.more > 0 ? uniform({further.more, shape[1]}, -range, range) : left_out());
  // -1 is of no group; one group alone covers everything.
  const double low = further.groups > 1 ? -1 : 0;
  row.inputs.push_back(further.groups > 0 ? index({shape[0]}, low, further.groups) : left_out());
  row.inputs.push_back(further.more_groups ? index({further.more}, low, further.groups) : left_out());
  if (further.groups == 1) row.gradient_tolerance = 1e-3;  // of what may be nothing but rounding: without labels no negative is left
  return row;
}

// Further columns, and rows that are no negatives of each other.
void add_further_cases(OpCases* cases) {
  const char* rows = R"({"form":"rows"})";
  const char* excluded = R"({"form":"rows","excludePositive":1})";
  const char* smoothed = R"({"form":"rows","smoothing":0.2})";
  for (const char* attributes : {rows, excluded, smoothed}) {
    const double groups = attributes == smoothed ? 0 : 4;
    const std::string label = attributes == rows ? "rows" : attributes == excluded ? "rows, positive excluded" : "rows, smoothed";
    cases->push_back(make_further(label, {23, 7}, 1, attributes, {1, 0, false}));
    cases->push_back(make_further(label, {3, 5}, 1, attributes, {1037, groups, groups > 0}));  // several blocks of columns alone
    cases->push_back(make_further(label, {519, 2}, 1, attributes, {70, groups, groups > 0}));
    cases->push_back(make_further(label, {1, 4}, 1, attributes, {9, groups, false}));
    OpCase extreme = make_further(label + ", logits of +-1000", {9, 3}, 10, attributes, {20, groups, groups > 0});
    extreme.gradient = false;
    cases->push_back(extreme);
  }
  cases->push_back(make_further("rows, labels", {23, 7}, 1, rows, {31, 0, false}, index({23}, 0, 5)));
  cases->push_back(make_further("rows, labels", {23, 7}, 1, rows, {31, 6, true}, index({23}, 0, 5)));
  cases->push_back(make_further("rows, everything of one group", {23, 7}, 1, rows, {31, 1, true}));
  cases->push_back(make_further("rows, labels, everything of one group", {23, 7}, 1, rows, {31, 1, true}, index({23}, 0, 5)));
  cases->push_back(make_further("rows, positive excluded, everything of one group", {23, 7}, 1, excluded, {31, 1, true}));
  for (const char* form : {"rows", "symmetric", "views", "pairwise"}) {
    const std::string attributes = std::string(R"({"form":")") + form + "\"}";
    for (const Shape& shape : {Shape{2, 1}, Shape{23, 7}, Shape{519, 2}}) {
      cases->push_back(make_further(form, shape, 1, attributes.c_str(), {0, 4, false}));
      cases->push_back(make_further(std::string(form) + ", everything of one group", shape, 1, attributes.c_str(), {0, 1, false}));
    }
    cases->push_back(make_further(std::string(form) + ", labels", {23, 7}, 1, attributes.c_str(), {0, 4, false}, index({23}, 0, 5)));
    OpCase extreme = make_further(std::string(form) + ", logits of +-1000", {9, 3}, 10, attributes.c_str(), {0, 3, false});
    extreme.gradient = false;
    cases->push_back(extreme);
  }
  cases->push_back(make_further("symmetric, positive excluded", {23, 7}, 1, R"({"form":"symmetric","excludePositive":1})", {0, 4, false}));
}

// What no gradient reaches: the differences of the reference are not asked for.
CaseInput fixed(const Shape& shape, double low, double high) { return as_parameter(uniform(shape, low, high), false); }

// The largest weight, and N times the largest target; both begin at 0. Below 0: none are given. Targets of 0 leave the partner a negative.
struct Soft {
  double weight, target;
};

OpCase make_soft(const std::string& label, const Shape& shape, double range, const char* attributes, const Further& further, const Soft& soft,
                 CaseInput labels = left_out()) {
  const std::string weights = soft.weight < 0 ? "" : ", weights", targets = soft.target < 0 ? "" : ", targets";
  OpCase row = make_further(label + weights + targets, shape, range, attributes, further, std::move(labels));
  row.inputs.push_back(soft.weight < 0 ? left_out() : fixed({shape[0]}, 0, soft.weight));
  row.inputs.push_back(soft.target < 0 ? left_out() : fixed({shape[0], shape[0]}, 0, soft.target / static_cast<double>(shape[0])));
  return row;
}

// Rows that count by weights, soft targets, and views without their partner.
void add_soft_cases(OpCases* cases) {
  const Further alone{0, 0, false}, groups{0, 4, false};
  const char *rows = R"({"form":"rows"})", *symmetric = R"({"form":"symmetric"})", *views = R"({"form":"views"})";
  const char *smoothed = R"({"form":"rows","smoothing":0.2})", *both_smoothed = R"({"form":"symmetric","smoothing":0.2})";
  const char *excluded = R"({"form":"rows","excludePositive":1})", *decoupled = R"({"form":"views","excludePositive":1})";
  const auto extreme = [&](OpCase row) {
    row.label += ", logits of +-1000";
    row.gradient = false;
    cases->push_back(std::move(row));
  };
  for (const char* attributes : {rows, symmetric, views}) {
    const std::string label = (*Json::parse(attributes))["form"].as_string();
    for (const Shape& shape : {Shape{1, 3}, Shape{2, 1}, Shape{23, 7}, Shape{519, 2}}) {
      if (shape[0] > 1) cases->push_back(make_soft(label, shape, 1, attributes, alone, {2, -1}));
      if (attributes == views) continue;
      cases->push_back(make_soft(label, shape, 1, attributes, alone, {-1, 2}));
      cases->push_back(make_soft(label, shape, 1, attributes, alone, {2, 2}));
    }
    cases->push_back(make_soft(label + ", all of weight 0", {23, 7}, 1, attributes, alone, {0, -1}));
    cases->push_back(make_soft(label + ", labels", {23, 7}, 1, attributes, alone, {2, -1}, index({23}, 0, 5)));
    cases->push_back(make_soft(label, {23, 7}, 1, attributes, groups, {2, -1}));
    extreme(make_soft(label, {9, 3}, 10, attributes, alone, {2, attributes == views ? -1.0 : 2.0}));
    if (attributes == views) continue;
    cases->push_back(make_soft(label, {23, 7}, 1, attributes, groups, {2, 2}));
    cases->push_back(make_soft(label + ", targets of 0", {23, 7}, 1, attributes, groups, {-1, 0}));
  }
  for (const char* attributes : {smoothed, both_smoothed}) {
    const std::string label = attributes == smoothed ? "rows, smoothed" : "symmetric, smoothed";
    for (const Shape& shape : {Shape{23, 7}, Shape{519, 2}}) cases->push_back(make_soft(label, shape, 1, attributes, alone, {2, -1}));
  }
  for (const Further& further : {Further{1037, 0, false}, Further{31, 5, true}}) {
    cases->push_back(make_soft("rows", {23, 7}, 1, rows, further, {2, -1}));
    cases->push_back(make_soft("rows", {23, 7}, 1, rows, further, {2, 2}));
    cases->push_back(make_soft("rows, positive excluded", {23, 7}, 1, excluded, further, {2, -1}));
  }
  for (const Shape& shape : {Shape{2, 1}, Shape{23, 7}, Shape{519, 2}}) {
    cases->push_back(make_soft("views, positive excluded", shape, 1, decoupled, alone, {-1, -1}));
    cases->push_back(make_soft("views, positive excluded", shape, 1, decoupled, groups, {2, -1}));
  }
  extreme(make_soft("views, positive excluded", {9, 3}, 10, decoupled, alone, {-1, -1}));
}

}  // namespace

void add_contrastive_loss_cases(OpCases* cases) {
  struct Variant {
    const char *label, *attributes;
  };
  const Variant plain[] = {
      {"rows", R"({"form":"rows"})"},
      {"rows, positive excluded", R"({"form":"rows","excludePositive":1})"},
      {"rows, smoothed", R"({"form":"rows","smoothing":0.2})"},
      {"symmetric", R"({"form":"symmetric"})"},
      {"symmetric, positive excluded", R"({"form":"symmetric","excludePositive":1})"},
      {"symmetric, smoothed", R"({"form":"symmetric","smoothing":0.1})"},
      {"views", R"({"form":"views"})"},
      {"pairwise", R"({"form":"pairwise"})"},
  };
  for (const Variant& each : plain) {
    for (const Shape& shape : {Shape{2, 1}, Shape{23, 7}}) cases->push_back(make_row(each.label, shape, 1, each.attributes));
    cases->push_back(make_row(std::string(each.label) + ", several blocks", {519, 2}, 1, each.attributes));
    // Cosines up to 300, logits beyond +-1000. Steps of the differences meet the kinks of the largest logits.
    OpCase extreme = make_row(std::string(each.label) + ", logits of +-1000", {9, 3}, 10, each.attributes);
    extreme.gradient = false;
    cases->push_back(extreme);
  }
  for (const char* form : {"rows", "symmetric", "views", "pairwise"}) {
    for (const Shape& shape : {Shape{23, 7}, Shape{519, 2}}) {
      OpCase row = make_row(std::string(form) + ", labels", shape, 1, "");
      row.attributes = std::string(R"({"form":")") + form + "\"}";
      row.inputs.push_back(left_out());
      row.inputs.push_back(index({shape[0]}, 0, 5));
      if (std::string(form) == "pairwise") row.inputs[3] = as_parameter(uniform({}, -3, -1));
      cases->push_back(row);
    }
  }
  OpCase biased = make_row("pairwise, bias", {23, 7}, 1, R"({"form":"pairwise"})");
  biased.inputs.push_back(as_parameter(uniform({}, -3, -1)));
  cases->push_back(biased);
  add_further_cases(cases);
  add_soft_cases(cases);
  for (const char* form : {"symmetric", "views", "pairwise"}) {
    OpCase timing = make_row(std::string(form), {2048, 256}, 0.1, "");
    timing.attributes = std::string(R"({"form":")") + form + "\"}";
    timing.reference = nullptr;
    timing.flops = 2.0 * 2048 * 2048 * 256 * (std::string(form) == "views" ? 2 : 1);
    cases->push_back(timing);
  }
}

}  // namespace isolens
