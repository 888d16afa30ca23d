#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
  const int64_t width = in[0].size(1);
  for (int64_t row = 0; row < in[0].size(0); row++) {
    const int64_t index = static_cast<int64_t>(in[1].data[static_cast<size_t>(row)]);
    out->data.push_back(in[0].data[static_cast<size_t>(row * width + (index < 0 ? index + width : index))]);
  }
}

}  // namespace

void add_gather_elements_cases(OpCases* cases) {
  const auto add = [&](int64_t rows, int64_t width, double low, bool timing = false) {
    OpCase row;
    row.op = "GatherElements";
    row.label = "(" + std::to_string(rows) + ", " + std::to_string(width) + ")" + (low < 0 ? ", negative indices" : "");
    row.inputs = {normal({rows, width}), index({rows, 1}, low, static_cast<double>(width))};
    if (!timing) row.reference = reference;
    cases->push_back(row);
  };
  add(7, 5, 0);
  add(40, 3, -3);
  add(500, 90, 0);
  add(1, 1, 0);
  add(4000, 90, 0, true);
}

}  // namespace isolens
