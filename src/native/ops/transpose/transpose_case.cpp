#include "../case.h"

namespace isolens {

void add_transpose_cases(OpCases* cases) {
  const auto add = [&](const Shape& shape, const char* attributes, bool timing) {
    OpCase row;
    row.op = "Transpose";
    row.label = describe(shape) + " " + attributes;
    row.inputs = {normal(shape)};
    row.attributes = attributes;
    if (!timing) {
      row.reference = [](const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
        const Shape perm = attribute_list(attributes, "perm", {});
        for_each_index(out->shape, [&](const Shape& at) {
          Shape from(at.size());
          for (size_t i = 0; i < at.size(); i++) from[perm[i]] = at[i];
          out->data.push_back(value_at(in[0], from));
        });
      };
    }
    cases->push_back(row);
  };
  add({37, 70}, R"({"perm":[1,0]})", false);
  add({3, 4, 5, 6}, R"({"perm":[0,2,1,3]})", false);
  add({3, 4, 5, 6}, R"({"perm":[0,2,3,1]})", false);
  add({3, 4, 5, 6}, R"({"perm":[3,2,1,0]})", false);
  add({3, 4, 5, 6}, R"({"perm":[0,1,2,3]})", false);
  add({1, 4, 1, 6}, R"({"perm":[3,0,2,1]})", false);
  add({9}, R"({"perm":[0]})", false);
  add({4096, 4096}, R"({"perm":[1,0]})", true);
  add({256, 64, 8, 32}, R"({"perm":[0,2,1,3]})", true);
}

}  // namespace isolens
