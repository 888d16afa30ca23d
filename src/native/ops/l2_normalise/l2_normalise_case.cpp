#include <algorithm>
#include <cmath>

#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
  const size_t d = static_cast<size_t>(in[0].size(-1));
  for (size_t row = 0; row < in[0].data.size() / d; row++) {
    double squares = 0;
    for (size_t i = 0; i < d; i++) squares += std::pow(in[0].data[row * d + i], 2);
    const double divisor = std::max(std::sqrt(squares), attribute(attributes, "epsilon", 1e-12));
    for (size_t i = 0; i < d; i++) out->data.push_back(in[0].data[row * d + i] / divisor);
  }
}

}  // namespace

void add_l2_normalise_cases(OpCases* cases) {
  const auto add = [&](const char* label, CaseInput input, const char* attributes = "{}") {
    OpCase row;
    row.op = "L2Normalise";
    row.label = label;
    row.inputs = {std::move(input)};
    row.attributes = attributes;
    row.reference = reference;
    cases->push_back(row);
  };
  add("(7, 45)", normal({7, 45}));
  add("(2, 3, 8)", normal({2, 3, 8}));
  add("norms below epsilon", uniform({4, 9}, -0.1, 0.1), R"({"epsilon":10})");
  add("elements of 1e25", uniform({3, 20}, 1e25, 2e25));
  cases->back().gradient = false;  // differences of that size leave f64's steps
  add("elements of 1e-25", uniform({3, 20}, 1e-25, 2e-25), R"({"epsilon":1e-30})");
  cases->back().gradient = false;
  add("zero rows", uniform({3, 20}, 0, 0));
  cases->back().gradient = false;  // the gradient at zero is 1 / epsilon
}

}  // namespace isolens
