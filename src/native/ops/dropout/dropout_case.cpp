#include "../case.h"

namespace isolens {

// At evaluation it is the identity; what it does while training is random and tested with the program (standalone).
void add_dropout_cases(OpCases* cases) {
  for (const bool training : {false, true}) {
    OpCase row;
    row.op = "Dropout";
    row.label = training ? "rate 0 while training" : "evaluation";
    row.inputs = {normal({7, 333})};
    row.attributes = training ? R"({"rate":0})" : R"({"rate":0.4})";
    row.training = training;
    row.reference = [](const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) { out->data = in[0].data; };
    cases->push_back(row);
  }
  OpCase timing;
  timing.op = "Dropout";
  timing.label = "(4096, 1024)";
  timing.inputs = {normal({4096, 1024})};
  timing.attributes = R"({"rate":0.1})";
  cases->push_back(timing);
}

}  // namespace isolens
