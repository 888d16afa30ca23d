#include <cmath>

#include "../case.h"

namespace isolens {

namespace {

Reference reference(bool training, bool relu) {
  return [=](const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
    const double epsilon = attribute(attributes, "epsilon", 1e-5);
    const size_t channels = in[1].data.size();
    std::vector<double> mean = in[3].data, variance = in[4].data;
    if (training) {
      std::vector<double> count(channels, 0);
      mean.assign(channels, 0);
      variance.assign(channels, 0);
      for_each_index(in[0].shape, [&](const Shape& at) {
        mean[at[1]] += value_at(in[0], at);
        count[at[1]]++;
      });
      for (size_t c = 0; c < channels; c++) mean[c] /= count[c];
      for_each_index(in[0].shape, [&](const Shape& at) { variance[at[1]] += std::pow(value_at(in[0], at) - mean[at[1]], 2) / count[at[1]]; });
    }
    for_each_index(in[0].shape, [&](const Shape& at) {
      const size_t c = static_cast<size_t>(at[1]);
      const double y = (value_at(in[0], at) - mean[c]) / std::sqrt(variance[c] + epsilon) * in[1].data[c] + in[2].data[c];
      out->data.push_back(relu && y < 0 ? 0 : y);
    });
  };
}

}  // namespace

void add_batch_normalization_cases(OpCases* cases) {
  for (const bool relu : {false, true}) {
    for (const bool training : {true, false}) {
      for (const Shape& shape : {Shape{6, 5, 3, 7}, Shape{4, 3, 9, 13}, Shape{2, 70, 1, 1}, Shape{20, 7}, Shape{9, 150}}) {
        OpCase row;
        row.op = relu ? "BatchNormalizationRelu" : "BatchNormalization";
        row.label = describe(shape) + (training ? " batch statistics" : " running statistics");
        const Shape channel = {shape[1]};
        row.inputs = {normal(shape), as_parameter(normal(channel)), as_parameter(normal(channel)), as_parameter(normal(channel), false),
                      as_parameter(uniform(channel, 0.5, 2), false)};
        row.training = training;
        row.reference = reference(training, relu);
        // Two samples a channel: the gradient of x is a difference of nearly equal numbers.
        if (shape[0] == 2) row.gradient_tolerance = 2e-3;
        cases->push_back(row);
      }
    }
    OpCase far;
    far.op = relu ? "BatchNormalizationRelu" : "BatchNormalization";
    far.label = "values far from zero";
    far.inputs = {uniform({8, 3, 6, 6}, 300, 302), as_parameter(normal({3})), as_parameter(normal({3})), as_parameter(normal({3}), false), as_parameter(uniform({3}, 0.5, 2), false)};
    far.reference = reference(true, relu);
    far.tolerance = 2e-4;  // x itself carries no more
    far.gradient_tolerance = 1e-3;
    cases->push_back(far);
    for (const Shape& shape : {Shape{64, 32, 32, 48}, Shape{64, 64, 16, 24}, Shape{64, 128, 8, 12}, Shape{64, 256, 4, 6}, Shape{256, 1024}}) {
      OpCase timing;
      timing.op = far.op;
      timing.label = describe(shape);
      const Shape channel = {shape[1]};
      timing.inputs = {normal(shape), as_parameter(normal(channel)), as_parameter(normal(channel)), as_parameter(normal(channel), false), as_parameter(uniform(channel, 0.5, 2), false)};
      cases->push_back(timing);
    }
  }
}

}  // namespace isolens
