#include "../case.h"

namespace isolens {

void add_reshape_cases(OpCases* cases) {
  for (const char* attributes : {R"({"shape":[0,-1]})", R"({"shape":[-1]})", R"({"shape":[4,3,0,2]})", R"({"shape":[3,8,5]})"}) {
    OpCase row;
    row.op = "Reshape";
    row.label = std::string("(3, 4, 5, 2) to ") + attributes;
    row.inputs = {normal({3, 4, 5, 2})};
    row.attributes = attributes;
    row.reference = [](const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) { out->data = in[0].data; };
    cases->push_back(row);
  }
}

}  // namespace isolens
