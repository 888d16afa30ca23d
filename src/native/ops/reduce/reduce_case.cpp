#include <algorithm>
#include <cmath>

#include "../case.h"

namespace isolens {

namespace {

// All elements that fall into each output, then the reduction of the list.
Reference lists(double (*reduce)(const std::vector<double>&)) {
  return [reduce](const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
    const int64_t rank = static_cast<int64_t>(in[0].shape.size());
    std::vector<bool> reduced(in[0].shape.size(), attributes["axes"].size() == 0);
    for (const Json& axis : attributes["axes"].items()) reduced[(axis.as_integer() + rank) % rank] = true;
    Shape kept = in[0].shape;
    for (int64_t axis = 0; axis < rank; axis++) {
      if (reduced[axis]) kept[axis] = 1;
    }
    std::vector<std::vector<double>> groups(static_cast<size_t>(element_count(kept)));
    for_each_index(in[0].shape, [&](const Shape& index) { groups[static_cast<size_t>(position(kept, index))].push_back(value_at(in[0], index)); });
    for (const std::vector<double>& group : groups) out->data.push_back(reduce(group));
  };
}

double sum(const std::vector<double>& list) {
  double total = 0;
  for (double x : list) total += x;
  return total;
}
double mean(const std::vector<double>& list) { return sum(list) / static_cast<double>(list.size()); }
double maximum(const std::vector<double>& list) { return *std::max_element(list.begin(), list.end()); }
double log_sum_exp(const std::vector<double>& list) {
  const double best = maximum(list);
  double total = 0;
  for (double x : list) total += std::exp(x - best);
  return best + std::log(total);
}

}  // namespace

void add_reduce_cases(OpCases* cases) {
  const std::pair<const char*, double (*)(const std::vector<double>&)> kinds[] = {
      {"ReduceSum", sum}, {"ReduceMean", mean}, {"ReduceMax", maximum}, {"ReduceLogSumExp", log_sum_exp}};
  const char* attributes[] = {R"({"axes":[],"keepdims":0})", R"({"axes":[-1],"keepdims":1})", R"({"axes":[0],"keepdims":0})",
                              R"({"axes":[1],"keepdims":0})", R"({"axes":[0,2],"keepdims":1})", R"({"axes":[1,3],"keepdims":0})",
                              R"({"axes":[2,3],"keepdims":0})", R"({"axes":[0,1,2],"keepdims":0})"};
  for (const auto& [op, function] : kinds) {
    for (const char* each : attributes) {
      OpCase row;
      row.op = op;
      row.label = std::string("(3, 4, 5, 7) ") + each;
      row.inputs = {distinct({3, 4, 5, 7})};
      row.attributes = each;
      row.reference = lists(function);
      cases->push_back(row);
    }
    OpCase flat;
    flat.op = op;
    flat.label = "(5000) to a scalar";
    flat.inputs = {normal({5000})};
    flat.attributes = R"({"axes":[],"keepdims":0})";
    flat.reference = lists(function);
    cases->push_back(flat);
    OpCase huge = flat;
    huge.label = "logits of +-1000";
    huge.inputs = {uniform({6, 50}, -1000, 1000)};
    huge.attributes = R"({"axes":[1],"keepdims":0})";
    cases->push_back(huge);
    OpCase timing;
    timing.op = op;
    timing.label = "(4096, 4096) over rows";
    timing.inputs = {normal({4096, 4096})};
    timing.attributes = R"({"axes":[1],"keepdims":0})";
    cases->push_back(timing);
  }
}

}  // namespace isolens
