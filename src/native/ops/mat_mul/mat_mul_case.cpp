#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
  for_each_index(out->shape, [&](const Shape& at) {
    Shape left = at, right = at;
    double sum = 0;
    for (int64_t i = 0; i < in[0].size(-1); i++) {
      left.back() = i;
      right[right.size() - 2] = i;
      sum += value_at(in[0], left) * value_at(in[1], right);
    }
    out->data.push_back(sum);
  });
}

}  // namespace

void add_mat_mul_cases(OpCases* cases) {
  const std::pair<Shape, Shape> shapes[] = {
      {{9, 21}, {21, 13}},         {{4, 9, 21}, {4, 21, 13}}, {{4, 9, 21}, {21, 13}},      {{9, 21}, {4, 21, 13}},
      {{2, 3, 5, 8}, {3, 8, 6}},   {{2, 1, 5, 8}, {1, 3, 8, 6}}, {{2, 3, 5, 8}, {1, 1, 8, 6}}, {{6, 2, 5, 8}, {6, 2, 8, 6}},
  };
  for (const auto& [a, b] : shapes) {
    OpCase row;
    row.op = "MatMul";
    row.label = describe(a) + " x " + describe(b);
    row.inputs = {normal(a), normal(b)};
    row.reference = reference;
    cases->push_back(row);
  }
  OpCase attention;
  attention.op = "MatMul";
  attention.label = "(256, 8, 64, 32) x (256, 8, 32, 64)";
  attention.inputs = {normal({256, 8, 64, 32}), normal({256, 8, 32, 64})};
  attention.flops = 2.0 * 256 * 8 * 64 * 32 * 64;
  cases->push_back(attention);
  OpCase linear;
  linear.op = "MatMul";
  linear.label = "(64, 64, 256) x (256, 1024)";
  linear.inputs = {normal({64, 64, 256}), as_parameter(normal({256, 1024}))};
  linear.flops = 2.0 * 64 * 64 * 256 * 1024;
  cases->push_back(linear);
}

}  // namespace isolens
