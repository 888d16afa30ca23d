#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
  const Shape strides = attribute_list(attributes, "strides", {1, 1}), pads = attribute_list(attributes, "pads", {0, 0, 0, 0});
  const int64_t group = static_cast<int64_t>(attribute(attributes, "group", 1));
  const CaseTensor &x = in[0], &w = in[1];
  for_each_index(out->shape, [&](const Shape& at) {
    const int64_t first = at[1] / (w.size(0) / group) * w.size(1);
    double sum = in.size() > 2 ? in[2].data[static_cast<size_t>(at[1])] : 0;
    for (int64_t c = 0; c < w.size(1); c++) {
      for (int64_t r = 0; r < w.size(2); r++) {
        for (int64_t s = 0; s < w.size(3); s++) {
          const int64_t row = at[2] * strides[0] - pads[0] + r, column = at[3] * strides[1] - pads[1] + s;
          if (row < 0 || column < 0 || row >= x.size(2) || column >= x.size(3)) continue;
          sum += value_at(x, {at[0], first + c, row, column}) * value_at(w, {at[1], c, r, s});
        }
      }
    }
    out->data.push_back(sum);
  });
}

}  // namespace

void add_conv_cases(OpCases* cases) {
  struct Row {
    const char* label;
    Shape x, w;
    bool bias;
    const char* attributes;
  };
  const Row rows[] = {
      {"3x3 same", {2, 5, 9, 11}, {7, 5, 3, 3}, false, R"({"pads":[1,1,1,1]})"},
      {"3x3 stride 2, bias", {3, 4, 10, 13}, {6, 4, 3, 3}, true, R"({"strides":[2,2],"pads":[1,1,1,1]})"},
      {"1x1", {2, 6, 7, 5}, {9, 6, 1, 1}, true, "{}"},
      {"1x1 stride 2", {2, 6, 8, 7}, {5, 6, 1, 1}, false, R"({"strides":[2,2]})"},
      {"7x7 stride 4, one channel", {2, 1, 32, 24}, {6, 1, 7, 7}, false, R"({"strides":[4,4],"pads":[3,3,3,3]})"},
      {"groups of 2, uneven padding", {2, 6, 7, 9}, {8, 3, 3, 2}, true, R"({"strides":[1,2],"pads":[0,1,2,0],"group":2})"},
      {"depthwise", {2, 5, 8, 8}, {5, 1, 3, 3}, false, R"({"pads":[1,1,1,1],"group":5})"},
      {"window as large as the image", {3, 2, 4, 5}, {3, 2, 4, 5}, true, "{}"},
      {"one image, 20 channels", {1, 20, 6, 40}, {18, 20, 3, 3}, false, R"({"pads":[1,1,1,1]})"},
  };
  for (const Row& each : rows) {
    OpCase row;
    row.op = "Conv";
    row.label = each.label;
    row.inputs = {normal(each.x), as_parameter(normal(each.w))};
    if (each.bias) row.inputs.push_back(as_parameter(normal({each.w[0]})));
    row.attributes = each.attributes;
    row.reference = reference;
    cases->push_back(row);
  }
  struct Timing {
    int64_t channels, height, width, outputs, kernel, stride;
  };
  for (const Timing& t : {Timing{1, 128, 192, 32, 7, 4}, {32, 32, 48, 32, 3, 1}, {32, 32, 48, 64, 3, 2}, {64, 16, 24, 64, 3, 1},
                          {128, 8, 12, 128, 3, 1}, {256, 4, 6, 256, 3, 1}, {64, 16, 24, 128, 1, 2}}) {
    OpCase timing;
    timing.op = "Conv";
    timing.label = "batch 64, " + std::to_string(t.channels) + "x" + std::to_string(t.height) + "x" + std::to_string(t.width) + " to " +
                   std::to_string(t.outputs) + ", " + std::to_string(t.kernel) + "x" + std::to_string(t.kernel) + " stride " + std::to_string(t.stride);
    timing.inputs = {normal({64, t.channels, t.height, t.width}), as_parameter(normal({t.outputs, t.channels, t.kernel, t.kernel}))};
    const std::string pad = std::to_string(t.kernel / 2), stride = std::to_string(t.stride);
    timing.attributes = "{\"strides\":[" + stride + "," + stride + "],\"pads\":[" + pad + "," + pad + "," + pad + "," + pad + "]}";
    timing.flops = 2.0 * 64 * static_cast<double>((t.height / t.stride) * (t.width / t.stride) * t.outputs * t.channels * t.kernel * t.kernel);
    cases->push_back(timing);
  }
}

}  // namespace isolens
