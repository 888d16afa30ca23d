#include "../case.h"

namespace isolens {

void add_diagonal_cases(OpCases* cases) {
  for (const int64_t n : {1, 7, 40}) {
    OpCase mask;
    mask.op = "MaskDiagonal";
    mask.label = describe(Shape{n, n});
    mask.inputs = {normal({n, n})};
    mask.attributes = R"({"value":-3})";
    mask.reference = [n](const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
      out->data = in[0].data;
      for (int64_t i = 0; i < n; i++) out->data[static_cast<size_t>(i * n + i)] = -3;
    };
    cases->push_back(mask);
    OpCase diagonal;
    diagonal.op = "Diagonal";
    diagonal.label = describe(Shape{n, n});
    diagonal.inputs = {normal({n, n})};
    diagonal.reference = [n](const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
      for (int64_t i = 0; i < n; i++) out->data.push_back(in[0].data[static_cast<size_t>(i * n + i)]);
    };
    cases->push_back(diagonal);
  }
}

}  // namespace isolens
