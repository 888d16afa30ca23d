#include <algorithm>
#include <cmath>

#include "../case.h"

namespace isolens {

namespace {

// The whole matrix of weights, one row after the other, as the paper writes it.
void reference(const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
  const int64_t columns = in[1].shape[0], width = in[0].shape[1];
  const auto at = [&](size_t k, int64_t row, int64_t column) { return in[k].data[static_cast<size_t>(row * width + column)]; };
  for (int64_t i = 0; i < in[0].shape[0]; i++) {
    std::vector<double> weights;
    for (int64_t j = 0; j < columns; j++) {
      double cosine = 0;
      for (int64_t k = 0; k < width; k++) cosine += at(0, i, k) * at(1, j, k);
      weights.push_back(in[2].data[0] * cosine);
    }
    const double top = *std::max_element(weights.begin(), weights.end());
    double sum = 0;
    for (double& weight : weights) sum += weight = std::exp(weight - top);
    for (int64_t k = 0; k < width; k++) {
      double mean = 0;
      for (int64_t j = 0; j < columns; j++) mean += weights[static_cast<size_t>(j)] * at(1, j, k) / sum;
      out->data.push_back(mean);
    }
  }
}

OpCase make_row(int64_t rows, int64_t columns, int64_t width, double range, double low, double high) {
  OpCase row;
  row.op = "SoftmaxRetrieval";
  row.label = describe(Shape{rows, width}) + " from " + describe(Shape{columns, width});
  row.inputs = {uniform({rows, width}, -range, range), uniform({columns, width}, -range, range), as_parameter(uniform({}, low, high))};
  row.reference = reference;
  return row;
}

}  // namespace

void add_softmax_retrieval_cases(OpCases* cases) {
  // Within a tile; blocks of rows and of columns that are none of the tile's size, on the processor (512) and on a device (1,024).
  const Shape shapes[] = {{1, 1, 1}, {1, 9, 4}, {23, 23, 7}, {17, 41, 5}, {70, 519, 3}, {519, 70, 3},
                          {3, 1037, 5}, {1037, 3, 2}, {515, 1030, 2}};
  for (const Shape& shape : shapes) cases->push_back(make_row(shape[0], shape[1], shape[2], 1, 2, 5));
  OpCase alone = make_row(2, 1, 3, 1, 2, 5);
  alone.gradient_tolerance = 1e-2;  // of a state's gradient, which is 0, nothing but rounding is left
  cases->push_back(alone);
  // One row is retrieved, whichever it is: the largest logit moves from tile to tile.
  OpCase sharp = make_row(9, 1037, 6, 1, 60, 80);
  sharp.label += ", a large scale";
  cases->push_back(sharp);
  OpCase even = make_row(23, 31, 7, 1, 0, 1e-3);
  even.label += ", a scale of nearly 0";
  cases->push_back(even);
  OpCase negative = make_row(23, 31, 7, 1, -5, -2);
  negative.label += ", a negative scale";
  cases->push_back(negative);
  OpCase fixed = make_row(23, 31, 7, 1, 2, 5);
  fixed.inputs[2] = as_parameter(uniform({}, 2, 5), false);
  fixed.label += ", a scale that is not trained";
  cases->push_back(fixed);
  OpCase frozen = make_row(23, 31, 7, 1, 2, 5);
  frozen.inputs[1] = as_parameter(uniform({31, 7}, -1, 1), false);
  frozen.label += ", stored rows that are not trained";
  cases->push_back(frozen);
  // Logits beyond +-1000: weights of 1 and 0 all but for ties, and the rounding of a logit is more than the tolerance.
  OpCase extreme = make_row(9, 1037, 3, 10, 5, 8);
  extreme.label += ", logits of +-1000";
  extreme.gradient = false;
  extreme.tolerance = 1e-3;
  cases->push_back(extreme);
  OpCase timing = make_row(4096, 4096, 256, 0.1, 10, 15);
  timing.reference = nullptr;
  timing.flops = 4.0 * 4096 * 4096 * 256;
  cases->push_back(timing);
}

}  // namespace isolens
