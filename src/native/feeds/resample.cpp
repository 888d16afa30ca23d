#include "resample.h"

#include <algorithm>
#include <cmath>

namespace isolens {

AxisWeights axis_weights(float from, float length, int32_t inputs, int32_t size) {
  AxisWeights axis;
  const float step = length / static_cast<float>(size), reach = std::max(1.0f, step);
  axis.first.push_back(0);
  for (int32_t i = 0; i < size; i++) {
    const float centre = from + (static_cast<float>(i) + 0.5f) * step - 0.5f;
    const int32_t begin = std::max(0, static_cast<int32_t>(std::ceil(centre - reach)));
    const int32_t end = std::min(inputs - 1, static_cast<int32_t>(std::floor(centre + reach)));
    const size_t start = axis.weights.size();
    float sum = 0;
    for (int32_t at = begin; at <= end; at++) {
      const float weight = std::max(0.0f, 1.0f - std::fabs(static_cast<float>(at) - centre) / reach);
      axis.weights.push_back(weight);
      sum += weight;
    }
    for (size_t at = start; at < axis.weights.size(); at++) axis.weights[at] /= sum;
    axis.begin.push_back(begin);
    axis.first.push_back(static_cast<int32_t>(axis.weights.size()));
  }
  return axis;
}

void resample(const uint8_t* pixels, int32_t height, int32_t width, const CropBox& box, int32_t size, float* out) {
  const AxisWeights across = axis_weights(box.left, box.columns, width, size), down = axis_weights(box.top, box.rows, height, size);
  const int32_t top = down.begin.front(), bottom = down.begin.back() + down.first.back() - down.first[static_cast<size_t>(size) - 1];
  thread_local std::vector<float> rows;  // (bottom - top, size)
  rows.assign(static_cast<size_t>(bottom - top) * static_cast<size_t>(size), 0.0f);
  for (int32_t y = top; y < bottom; y++) {
    const uint8_t* line = pixels + static_cast<int64_t>(y) * width;
    float* row = rows.data() + static_cast<int64_t>(y - top) * size;
    for (int32_t x = 0; x < size; x++) {
      const uint8_t* from = line + across.begin[static_cast<size_t>(x)];
      float sum = 0;
      for (int32_t w = across.first[static_cast<size_t>(x)], i = 0; w < across.first[static_cast<size_t>(x) + 1]; w++, i++) {
        sum += across.weights[static_cast<size_t>(w)] * static_cast<float>(from[i]);
      }
      row[x] = sum;
    }
  }
  for (int32_t y = 0; y < size; y++) {
    float* line = out + static_cast<int64_t>(y) * size;
    std::fill(line, line + size, 0.0f);
    for (int32_t w = down.first[static_cast<size_t>(y)], i = 0; w < down.first[static_cast<size_t>(y) + 1]; w++, i++) {
      const float weight = down.weights[static_cast<size_t>(w)];
      const float* row = rows.data() + static_cast<int64_t>(down.begin[static_cast<size_t>(y)] - top + i) * size;
      for (int32_t x = 0; x < size; x++) line[x] += weight * row[x];
    }
  }
}

}  // namespace isolens
