#include <cmath>

#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
  const size_t d = in[1].data.size();
  for (size_t row = 0; row < in[0].data.size() / d; row++) {
    const double* x = in[0].data.data() + row * d;
    double mean = 0, variance = 0;
    for (size_t i = 0; i < d; i++) mean += x[i] / static_cast<double>(d);
    for (size_t i = 0; i < d; i++) variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(d);
    for (size_t i = 0; i < d; i++) out->data.push_back((x[i] - mean) / std::sqrt(variance + attribute(attributes, "epsilon", 1e-5)) * in[1].data[i] + in[2].data[i]);
  }
}

}  // namespace

void add_layer_normalization_cases(OpCases* cases) {
  for (const Shape& shape : {Shape{5, 33}, Shape{2, 3, 64}, Shape{70}}) {
    OpCase row;
    row.op = "LayerNormalization";
    row.label = describe(shape);
    row.inputs = {normal(shape), as_parameter(normal({shape.back()})), as_parameter(normal({shape.back()}))};
    row.reference = reference;
    cases->push_back(row);
  }
  OpCase timing;
  timing.op = "LayerNormalization";
  timing.label = "(16384, 256)";
  timing.inputs = {normal({16384, 256}), as_parameter(normal({256})), as_parameter(normal({256}))};
  cases->push_back(timing);
}

}  // namespace isolens
