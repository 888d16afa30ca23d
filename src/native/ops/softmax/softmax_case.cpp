#include <cmath>

#include "../case.h"

namespace isolens {

namespace {

Reference softmax(bool log) {
  return [log](const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
    const int64_t rank = static_cast<int64_t>(out->shape.size());
    const int64_t axis = (static_cast<int64_t>(attribute(attributes, "axis", -1)) + rank) % rank;
    for_each_index(out->shape, [&](Shape index) {
      const double own = value_at(in[0], index);
      double total = 0;
      for (index[axis] = 0; index[axis] < out->shape[axis]; index[axis]++) total += std::exp(value_at(in[0], index) - own);
      out->data.push_back(log ? -std::log(total) : 1 / total);
    });
  };
}

}  // namespace

void add_softmax_cases(OpCases* cases) {
  for (const bool log : {false, true}) {
    const auto add = [&](const char* label, CaseInput input, const char* attributes) {
      OpCase row;
      row.op = log ? "LogSoftmax" : "Softmax";
      row.label = label;
      row.inputs = {std::move(input)};
      row.attributes = attributes;
      row.reference = softmax(log);
      cases->push_back(row);
    };
    add("(6, 77) last axis", normal({6, 77}), R"({"axis":-1})");
    add("(3, 20, 9) middle axis", normal({3, 20, 9}), R"({"axis":1})");
    add("(30, 11) first axis", normal({30, 11}), R"({"axis":0})");
    add("logits of +-300", uniform({4, 50}, -300, 300), R"({"axis":-1})");
    OpCase timing;
    timing.op = log ? "LogSoftmax" : "Softmax";
    timing.label = "(4096, 4096)";
    timing.inputs = {normal({4096, 4096})};
    cases->push_back(timing);
  }
}

}  // namespace isolens
