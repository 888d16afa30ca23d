#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
  const int64_t scale = attributes["scale"].as_integer();
  for_each_index(out->shape, [&](const Shape& at) { out->data.push_back(value_at(in[0], {at[0], at[1], at[2] / scale, at[3] / scale})); });
}

}  // namespace

void add_resize_cases(OpCases* cases) {
  const auto add = [&](Shape shape, int scale, bool timing = false) {
    OpCase row;
    row.op = "Resize";
    row.label = describe(shape) + " x " + std::to_string(scale);
    row.inputs = {normal(std::move(shape))};
    row.attributes = "{\"scale\":" + std::to_string(scale) + "}";
    if (!timing) row.reference = reference;
    cases->push_back(row);
  };
  add({2, 3, 4, 5}, 2);
  add({1, 2, 1, 7}, 3);
  add({2, 1, 3, 3}, 1);
  add({3, 20, 16, 24}, 2);
  add({32, 64, 16, 24}, 2, true);
}

}  // namespace isolens
