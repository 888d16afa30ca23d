#include "../case.h"

namespace isolens {

void add_constant_cases(OpCases* cases) {
  for (const char* attributes : {R"({"value":2.5,"shape":[]})", R"({"value":-1,"shape":[3,5]})"}) {
    OpCase row;
    row.op = "Constant";
    row.label = attributes;
    row.attributes = attributes;
    row.gradient = false;
    row.reference = [](const std::vector<CaseTensor>&, const Json& attributes, CaseTensor* out) {
      out->data.assign(static_cast<size_t>(element_count(out->shape)), attribute(attributes, "value", 0));
    };
    cases->push_back(row);
  }
}

}  // namespace isolens
