// What convolution and pooling share: windows over the last two axes of (N, C, H, W).
#pragma once
#include "../core/op.h"

namespace isolens {

constexpr int64_t kMaximumWindow = 1 << 20;

struct Window {
  int64_t kernel[2], stride[2];
  int64_t pad[4];  // top, left, bottom, right
  // (P, Q); "" or what was expected.
  std::string output(const Shape& x, int64_t* p, int64_t* q) const {
    const int64_t rows = x[2] + pad[0] + pad[2] - kernel[0], columns = x[3] + pad[1] + pad[3] - kernel[1];
    if (rows < 0 || columns < 0 || kernel[0] < 1 || kernel[1] < 1) {
      return "a window " + std::to_string(kernel[0]) + "x" + std::to_string(kernel[1]) + " that fits the padded image";
    }
    *p = rows / stride[0] + 1;
    *q = columns / stride[1] + 1;
    return "";
  }
};

// Reads strides and pads (and kernelShape for pooling); sizes that are wrong are refused by the reader.
inline Window read_window(AttributeReader& attributes, bool kernel) {
  Window window{{1, 1}, {1, 1}, {0, 0, 0, 0}};
  const auto read = [&](const char* name, size_t count, int64_t low, Shape fallback, int64_t* out) {
    const Shape values = attributes.integers(name, fallback, low, kMaximumWindow);
    if (values.size() != count) return attributes.refuse(name, std::to_string(count) + " whole numbers");
    for (size_t i = 0; i < count; i++) out[i] = values[i];
  };
  if (kernel) read("kernelShape", 2, 1, {}, window.kernel);
  read("strides", 2, 1, {1, 1}, window.stride);
  read("pads", 4, 0, {0, 0, 0, 0}, window.pad);
  return window;
}

}  // namespace isolens
