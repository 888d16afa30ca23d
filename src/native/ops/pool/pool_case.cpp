#include <algorithm>

#include "../case.h"

namespace isolens {

namespace {

Reference windows(bool maximum) {
  return [maximum](const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
    const CaseTensor& x = in[0];
    const Shape kernel = attribute_list(attributes, "kernelShape", {x.size(2), x.size(3)});
    const Shape strides = attribute_list(attributes, "strides", {1, 1}), pads = attribute_list(attributes, "pads", {0, 0, 0, 0});
    for_each_index(out->shape, [&](const Shape& at) {
      std::vector<double> seen;
      for (int64_t r = 0; r < kernel[0]; r++) {
        for (int64_t s = 0; s < kernel[1]; s++) {
          const int64_t row = at[2] * strides[0] - pads[0] + r, column = at[3] * strides[1] - pads[1] + s;
          if (row >= 0 && column >= 0 && row < x.size(2) && column < x.size(3)) seen.push_back(value_at(x, {at[0], at[1], row, column}));
        }
      }
      double sum = 0;
      for (double each : seen) sum += each;
      out->data.push_back(maximum ? *std::max_element(seen.begin(), seen.end()) : sum / static_cast<double>(seen.size()));
    });
  };
}

}  // namespace

void add_pool_cases(OpCases* cases) {
  for (const bool maximum : {true, false}) {
    for (const char* attributes : {R"({"kernelShape":[2,2],"strides":[2,2]})", R"({"kernelShape":[3,3],"strides":[2,2],"pads":[1,1,1,1]})",
                                   R"({"kernelShape":[3,2],"strides":[1,2],"pads":[2,0,1,1]})", R"({"kernelShape":[9,10]})"}) {
      OpCase row;
      row.op = maximum ? "MaxPool" : "AveragePool";
      row.label = attributes;
      row.inputs = {distinct({2, 3, 9, 10})};
      row.attributes = attributes;
      row.reference = windows(maximum);
      cases->push_back(row);
    }
    OpCase timing;
    timing.op = maximum ? "MaxPool" : "AveragePool";
    timing.label = "(64, 32, 64, 96) 3x3 stride 2";
    timing.inputs = {normal({64, 32, 64, 96})};
    timing.attributes = R"({"kernelShape":[3,3],"strides":[2,2],"pads":[1,1,1,1]})";
    cases->push_back(timing);
  }
  for (const Shape& shape : {Shape{3, 5, 4, 7}, Shape{2, 3, 1, 1}}) {
    OpCase row;
    row.op = "GlobalAveragePool";
    row.label = describe(shape);
    row.inputs = {normal(shape)};
    row.reference = windows(false);
    cases->push_back(row);
  }
}

}  // namespace isolens
