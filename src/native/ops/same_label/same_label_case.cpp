#include "../case.h"

namespace isolens {

void add_same_label_cases(OpCases* cases) {
  OpCase row;
  row.op = "SameLabel";
  row.label = "(23), five labels";
  row.inputs = {index({23}, -1, 4)};
  row.gradient = false;
  row.reference = [](const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
    for_each_index(out->shape, [&](const Shape& at) { out->data.push_back(in[0].data[static_cast<size_t>(at[0])] == in[0].data[static_cast<size_t>(at[1])] ? 1 : 0); });
  };
  cases->push_back(row);
}

}  // namespace isolens
