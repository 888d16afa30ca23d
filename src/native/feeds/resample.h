// Bytes of one channel, or a part of them, at another size: the twin of src/image/resample.ts, so that training and serving see alike.
#pragma once
#include <cstdint>
#include <vector>

namespace isolens {

// Of an image of `width` bytes a row, the part [left, left + columns) x [top, top + rows), in pixels.
struct CropBox {
  float left = 0, top = 0, columns = 0, rows = 0;
};

// Weights of one axis: output pixel i is the sum of `weights[first[i] ..]` times the input from `begin[i]` on.
struct AxisWeights {
  std::vector<int32_t> begin, first;  // (size), (size + 1)
  std::vector<float> weights;
};

// Triangle filter, as wide as the step from one output pixel to the next, and at least one input pixel; clipped at the edges.
AxisWeights axis_weights(float from, float length, int32_t inputs, int32_t size);

// out: (size, size).
void resample(const uint8_t* pixels, int32_t height, int32_t width, const CropBox& box, int32_t size, float* out);

}  // namespace isolens
