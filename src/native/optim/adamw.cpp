// One fused pass over all parameters. Work is cut into blocks of fixed size, so the result does not depend on the number of
// threads; norms are summed in double.
#include <algorithm>
#include <cmath>
#include <limits>

#include "../core/program.h"

namespace isolens {

namespace {

constexpr int64_t kBlock = 1 << 15;

struct Block {
  Parameter* parameter;
  int64_t begin, end;
};

std::vector<Block> cut_into_blocks(ParameterStore& store, int64_t step) {
  std::vector<Block> blocks;
  for (Parameter& parameter : store.all()) {
    const size_t count = parameter.value.size();
    if (!parameter.trainable || step <= parameter.frozen_until || parameter.grad.size() != count || parameter.moment1.size() != count || parameter.moment2.size() != count) continue;
    parameter.settle_gradient();
    for (int64_t begin = 0; begin < static_cast<int64_t>(count); begin += kBlock) {
      blocks.push_back({&parameter, begin, std::min<int64_t>(begin + kBlock, static_cast<int64_t>(count))});
    }
  }
  return blocks;
}

double squared_norm(const Block& block) {
  // Sixteen float lanes over short runs, each run added up in double.
  const float* grad = block.parameter->grad.data();
  double total = 0;
  for (int64_t begin = block.begin; begin < block.end; begin += 256) {
    const int64_t end = std::min(begin + 256, block.end);
    float lanes[16] = {};
    int64_t i = begin;
    for (; i + 16 <= end; i += 16) {
      for (int lane = 0; lane < 16; lane++) lanes[lane] += grad[i + lane] * grad[i + lane];
    }
    for (; i < end; i++) lanes[0] += grad[i] * grad[i];
    for (float lane : lanes) total += lane;
  }
  return total;
}

struct Step {
  float rate, beta1, beta2, correction1, inverse_root_correction2, epsilon, decay, gradient_scale;
};

void update(const Block& block, const Step& step) {
  float* __restrict value = block.parameter->value.data();
  const float* __restrict grad = block.parameter->grad.data();
  float* __restrict m = block.parameter->moment1.data();
  float* __restrict v = block.parameter->moment2.data();
  const float keep = 1.0f - (block.parameter->decay ? step.rate * step.decay : 0.0f);
  for (int64_t i = block.begin; i < block.end; i++) {
    const float g = grad[i] * step.gradient_scale;
    m[i] = step.beta1 * m[i] + (1.0f - step.beta1) * g;
    v[i] = step.beta2 * v[i] + (1.0f - step.beta2) * g * g;
    const float denominator = std::sqrt(v[i]) * step.inverse_root_correction2 + step.epsilon;
    value[i] = value[i] * keep - step.rate * (m[i] / step.correction1) / denominator;
  }
}

}  // namespace

float adamw_step(ParameterStore& store, const AdamWOptions& options, int64_t step, ThreadPool& pool) {
  if (store.mirror() != nullptr) {
    Status status = store.mirror()->step(options, step);
    Expected<StepNumbers> numbers = status.is_ok() ? store.mirror()->take() : Expected<StepNumbers>(status);
    return numbers ? numbers->gradient_norm : std::numeric_limits<float>::quiet_NaN();
  }
  const std::vector<Block> blocks = cut_into_blocks(store, step);
  std::vector<double> norms(blocks.size());
  pool.range(static_cast<int64_t>(blocks.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) norms[b] = squared_norm(blocks[b]);
  });
  double total = 0;
  for (double norm : norms) total += norm;
  const double norm = std::sqrt(total);
  if (!std::isfinite(norm)) return static_cast<float>(norm);

  Step constants;
  constants.rate = options.learning_rate;
  constants.beta1 = options.beta1;
  constants.beta2 = options.beta2;
  constants.correction1 = static_cast<float>(1.0 - std::pow(static_cast<double>(options.beta1), static_cast<double>(step)));
  constants.inverse_root_correction2 = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(static_cast<double>(options.beta2), static_cast<double>(step))));
  constants.epsilon = options.epsilon;
  constants.decay = options.weight_decay;
  const bool clip = options.clip_norm > 0 && norm > options.clip_norm;
  constants.gradient_scale = clip ? static_cast<float>(options.clip_norm / norm) : 1.0f;
  pool.range(static_cast<int64_t>(blocks.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) update(blocks[b], constants);
  });
  return static_cast<float>(norm);
}

}  // namespace isolens
