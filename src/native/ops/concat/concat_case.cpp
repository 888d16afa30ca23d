#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
  const int64_t rank = static_cast<int64_t>(out->shape.size());
  const int64_t axis = (static_cast<int64_t>(attribute(attributes, "axis", 0)) + rank) % rank;
  for_each_index(out->shape, [&](Shape at) {
    for (const CaseTensor& each : in) {
      if (at[axis] < each.shape[axis]) {
        out->data.push_back(each.data[static_cast<size_t>(position(each.shape, at))]);
        return;
      }
      at[axis] -= each.shape[axis];
    }
  });
}

}  // namespace

void add_concat_cases(OpCases* cases) {
  const auto add = [&](std::vector<CaseInput> inputs, const char* attributes) {
    OpCase row;
    row.op = "Concat";
    row.label = std::to_string(inputs.size()) + " inputs " + attributes;
    row.inputs = std::move(inputs);
    row.attributes = attributes;
    row.reference = reference;
    cases->push_back(row);
  };
  add({normal({3, 4}), normal({2, 4})}, R"({"axis":0})");
  add({normal({3, 4}), normal({3, 1}), normal({3, 7})}, R"({"axis":-1})");
  add({normal({2, 3, 5}), normal({2, 2, 5})}, R"({"axis":1})");
  add({normal({2, 3})}, R"({"axis":1})");
}

}  // namespace isolens
