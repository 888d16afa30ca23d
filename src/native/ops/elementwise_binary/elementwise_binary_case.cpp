#include "../case.h"

namespace isolens {

namespace {

Reference pairs(double (*function)(double, double)) {
  return [function](const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
    for_each_index(out->shape, [&](const Shape& index) { out->data.push_back(function(value_at(in[0], index), value_at(in[1], index))); });
  };
}

}  // namespace

void add_elementwise_binary_cases(OpCases* cases) {
  struct Kind {
    const char* op;
    double (*function)(double, double);
    bool positive;
  };
  const Kind kinds[] = {
      {"Add", [](double a, double b) { return a + b; }, false},
      {"AddRelu", [](double a, double b) { return a + b > 0 ? a + b : 0; }, false},
      {"Sub", [](double a, double b) { return a - b; }, false},
      {"Mul", [](double a, double b) { return a * b; }, false},
      {"Div", [](double a, double b) { return a / b; }, true},
  };
  // Equal; a row; a column; a scalar on either side; both sides repeated; the middle repeated; ranks that differ.
  const std::pair<Shape, Shape> shapes[] = {
      {{5, 33}, {5, 33}}, {{5, 33}, {33}}, {{5, 33}, {5, 1}}, {{5, 33}, {}}, {{1}, {4, 40}}, {{7, 1}, {1, 35}},
      {{2, 3, 4, 5}, {3, 1, 1}}, {{2, 3, 4, 5}, {2, 1, 4, 1}}, {{4, 5}, {2, 3, 4, 5}}, {{2, 1, 20}, {2, 6, 1}}, {{2, 3, 4, 5}, {2, 1, 1, 5}},
  };
  for (const Kind& kind : kinds) {
    for (const auto& [a, b] : shapes) {
      OpCase row;
      row.op = kind.op;
      row.label = describe(a) + " with " + describe(b);
      row.inputs = {normal(a), kind.positive ? uniform(b, 0.5, 3) : normal(b)};
      row.reference = pairs(kind.function);
      cases->push_back(row);
    }
  }
  for (const char* op : {"Add", "AddRelu", "Mul"}) {
    OpCase timing;
    timing.op = op;
    timing.label = "(256, 64, 32, 48) with the same";
    timing.inputs = {normal({256, 64, 32, 48}), normal({256, 64, 32, 48})};
    cases->push_back(timing);
  }
}

}  // namespace isolens
