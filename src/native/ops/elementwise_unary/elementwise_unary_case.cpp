#include <cmath>

#include "../case.h"

namespace isolens {

namespace {

Reference each(double (*function)(double)) {
  return [function](const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
    for (double x : in[0].data) out->data.push_back(function(x));
  };
}

}  // namespace

void add_elementwise_unary_cases(OpCases* cases) {
  const Shape odd = {3, 37};  // no multiple of any vector length
  const auto add = [&](const char* op, CaseInput input, double (*function)(double), const char* attributes = "{}") {
    OpCase row;
    row.op = op;
    row.label = attributes[1] == '}' ? "(3, 37)" : attributes;
    row.inputs = {std::move(input)};
    row.attributes = attributes;
    row.reference = each(function);
    cases->push_back(row);
  };
  add("Neg", normal(odd), [](double x) { return -x; });
  add("Exp", uniform(odd, -20, 3), [](double x) { return std::exp(x); });
  add("Log", uniform(odd, 0.01, 50), [](double x) { return std::log(x); });
  add("Sqrt", uniform(odd, 0.01, 50), [](double x) { return std::sqrt(x); });
  add("Relu", normal(odd), [](double x) { return x > 0 ? x : 0; });
  add("Sigmoid", uniform(odd, -12, 12), [](double x) { return 1 / (1 + std::exp(-x)); });
  add("Tanh", uniform(odd, -4, 4), [](double x) { return std::tanh(x); });
  add("Softplus", uniform(odd, -20, 20), [](double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); });
  add("Silu", uniform(odd, -8, 8), [](double x) { return x / (1 + std::exp(-x)); });
  add("Gelu", uniform(odd, -5, 5), [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); });
  add("Gelu", uniform(odd, -5, 5), [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }, R"({"approximate":"tanh"})");
  add("Clip", normal(odd), [](double x) { return std::fmin(std::fmax(x, -0.5), 0.75); }, R"({"min":-0.5,"max":0.75})");
  add("Identity", normal(odd), [](double x) { return x; });
  add("StopGradient", normal(odd), [](double x) { return x; });
  cases->back().gradient = false;

  for (const char* op : {"Relu", "Gelu", "Sigmoid"}) {
    OpCase timing;
    timing.op = op;
    timing.label = "(256, 64, 32, 48)";
    timing.inputs = {normal({256, 64, 32, 48})};
    cases->push_back(timing);
  }
}

}  // namespace isolens
