#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
  for_each_index(out->shape, [&](const Shape& at) {
    double sum = in.size() > 2 ? value_at(in[2], {at[1]}) : 0;
    for (int64_t i = 0; i < in[0].size(1); i++) sum += value_at(in[0], {at[0], i}) * value_at(in[1], {at[1], i});
    out->data.push_back(sum);
  });
}

OpCase row(std::string label, CaseInput x, int64_t outputs, bool bias) {
  OpCase row;
  row.op = "SparseGemm";
  row.label = std::move(label);
  row.inputs = {x, as_parameter(normal({outputs, x.shape[1]}))};
  if (bias) row.inputs.push_back(as_parameter(normal({outputs})));
  row.reference = reference;
  return row;
}

}  // namespace

void add_sparse_gemm_cases(OpCases* cases) {
  // Row 0 of `sparse` is all zeros, row 1 has one entry, row 2 none that is zero, the others one in thirty-two.
  cases->push_back(row("zero, single and dense rows", sparse({40, 70}), 37, false));
  cases->push_back(row("bias, whole panels", sparse({40, 128}), 64, true));
  cases->push_back(row("narrower than a vector", sparse({40, 9}), 3, true));
  cases->push_back(row("all zeros", uniform({5, 33}, 0, 0), 7, true));
  cases->push_back(row("one row of one entry", sparse({2, 65}), 33, true));
  cases->push_back(row("dense all over", normal({6, 45}), 33, true));
  cases->push_back(row("a parameter as x", as_parameter(sparse({40, 70})), 8, true));
  for (const Shape& sizes : {Shape{256, 4096, 1024}, Shape{768, 6704, 576}}) {
    const std::string label = "(" + std::to_string(sizes[0]) + ", " + std::to_string(sizes[1]) + ") x " + std::to_string(sizes[2]);
    OpCase timing = row(label, sparse({sizes[0], sizes[1]}), sizes[2], true);
    timing.reference = nullptr;
    timing.flops = 2.0 * static_cast<double>(sizes[0] * sizes[1] * sizes[2]);
    cases->push_back(timing);
  }
}

}  // namespace isolens
