#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
  const bool trans_a = attribute(attributes, "transA", 0) == 1, trans_b = attribute(attributes, "transB", 0) == 1;
  const double alpha = attribute(attributes, "alpha", 1), beta = attribute(attributes, "beta", 1);
  const int64_t k = in[0].size(trans_a ? 0 : 1);
  for_each_index(out->shape, [&](const Shape& at) {
    double sum = 0;
    for (int64_t i = 0; i < k; i++) {
      sum += value_at(in[0], trans_a ? Shape{i, at[0]} : Shape{at[0], i}) * value_at(in[1], trans_b ? Shape{at[1], i} : Shape{i, at[1]});
    }
    out->data.push_back(alpha * sum + (in.size() > 2 ? beta * value_at(in[2], at) : 0));
  });
}

}  // namespace

void add_gemm_cases(OpCases* cases) {
  for (int variant = 0; variant < 4; variant++) {
    const bool ta = variant & 1, tb = variant & 2;
    OpCase row;
    row.op = "Gemm";
    row.label = std::string("(19, 45) x (45, 33) ") + (ta ? "A^T " : "") + (tb ? "B^T" : "");
    row.inputs = {normal(ta ? Shape{45, 19} : Shape{19, 45}), normal(tb ? Shape{33, 45} : Shape{45, 33})};
    row.attributes = std::string(R"({"alpha":0.5,"transA":)") + (ta ? "1" : "0") + R"(,"transB":)" + (tb ? "1}" : "0}");
    row.reference = reference;
    cases->push_back(row);
  }
  for (const Shape& bias : {Shape{9}, Shape{1, 9}, Shape{7, 1}, Shape{7, 9}, Shape{}}) {
    OpCase row;
    row.op = "Gemm";
    row.label = "bias " + describe(bias);
    row.inputs = {normal({7, 12}), normal({12, 9}), as_parameter(normal(bias))};
    row.attributes = R"({"beta":2})";
    row.reference = reference;
    cases->push_back(row);
  }
  for (const Shape& sizes : {Shape{256, 4096, 1024}, Shape{256, 1024, 1024}, Shape{256, 1024, 256}}) {
    OpCase timing;
    timing.op = "Gemm";
    timing.label = "(" + std::to_string(sizes[0]) + ", " + std::to_string(sizes[1]) + ") x (" + std::to_string(sizes[2]) + ", ..)^T + bias";
    timing.inputs = {normal({sizes[0], sizes[1]}), as_parameter(normal({sizes[2], sizes[1]})), as_parameter(normal({sizes[2]}))};
    timing.attributes = R"({"transB":1})";
    timing.flops = 2.0 * static_cast<double>(sizes[0] * sizes[1] * sizes[2]);
    cases->push_back(timing);
  }
}

}  // namespace isolens
