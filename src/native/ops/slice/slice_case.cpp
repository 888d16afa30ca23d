#include <algorithm>

#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out) {
  const Shape starts = attribute_list(attributes, "starts", {}), axes = attribute_list(attributes, "axes", {});
  const int64_t rank = static_cast<int64_t>(in[0].shape.size());
  for_each_index(out->shape, [&](Shape at) {
    for (size_t i = 0; i < axes.size(); i++) {
      const int64_t axis = (axes[i] + rank) % rank, size = in[0].shape[axis];
      at[axis] += std::max<int64_t>(0, starts[i] < 0 ? starts[i] + size : starts[i]);
    }
    out->data.push_back(in[0].data[static_cast<size_t>(position(in[0].shape, at))]);
  });
}

}  // namespace

void add_slice_cases(OpCases* cases) {
  for (const char* attributes : {R"({"starts":[1],"ends":[3],"axes":[0]})", R"({"starts":[-3],"ends":[100000],"axes":[-1]})",
                                 R"({"starts":[1,2],"ends":[2,-1],"axes":[0,2]})", R"({"starts":[0,1,1],"ends":[4,4,5],"axes":[0,1,2]})",
                                 R"({"starts":[],"ends":[],"axes":[]})", R"({"starts":[2],"ends":[4],"axes":[1]})"}) {
    OpCase row;
    row.op = "Slice";
    row.label = std::string("(4, 5, 6) ") + attributes;
    row.inputs = {normal({4, 5, 6})};
    row.attributes = attributes;
    row.reference = reference;
    cases->push_back(row);
  }
}

}  // namespace isolens
