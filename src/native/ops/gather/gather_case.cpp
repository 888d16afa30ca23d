#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
  const int64_t rows = in[0].size(0), width = element_count(in[0].shape) / rows;
  for (double each : in[1].data) {
    const int64_t row = each < 0 ? static_cast<int64_t>(each) + rows : static_cast<int64_t>(each);
    for (int64_t i = 0; i < width; i++) out->data.push_back(in[0].data[static_cast<size_t>(row * width + i)]);
  }
}

}  // namespace

void add_gather_cases(OpCases* cases) {
  const auto add = [&](const char* label, CaseInput data, CaseInput indices, bool timing = false) {
    OpCase row;
    row.op = "Gather";
    row.label = label;
    row.inputs = {std::move(data), std::move(indices)};
    if (!timing) row.reference = reference;
    cases->push_back(row);
  };
  add("(9, 5) by (20)", as_parameter(normal({9, 5})), index({20}, 0, 9));
  add("(9) by (4, 3)", normal({9}), index({4, 3}, 0, 9));
  add("(6, 2, 40) by (3, 7), negative indices", normal({6, 2, 40}), index({3, 7}, -6, 6));
  add("(5, 3) by a scalar", normal({5, 3}), index({}, 0, 5));
  add("(50, 9) by (4000), many of each", normal({50, 9}), index({4000}, 0, 50));
  add("(60, 80) by (500)", normal({60, 80}), index({500}, 0, 60));
  add("(8192, 256) by (16384)", normal({8192, 256}), index({16384}, 0, 8192), true);
}

}  // namespace isolens
