#include "../case.h"

namespace isolens {

namespace {

void reference(const std::vector<CaseTensor>& in, const Json&, CaseTensor* out) {
  const size_t width = static_cast<size_t>(in[0].size(1));
  out->data.assign(static_cast<size_t>(element_count(out->shape)), 0);
  for (size_t row = 0; row < in[1].data.size(); row++) {
    if (in[1].data[row] < 0) continue;
    for (size_t i = 0; i < width; i++) out->data[static_cast<size_t>(in[1].data[row]) * width + i] += in[0].data[row * width + i];
  }
}

}  // namespace

void add_segment_sum_cases(OpCases* cases) {
  const auto add = [&](const char* label, CaseInput data, CaseInput segments, CaseInput like, bool timing = false) {
    OpCase row;
    row.op = "SegmentSum";
    row.label = label;
    row.inputs = {std::move(data), std::move(segments), std::move(like)};
    if (!timing) row.reference = reference;
    cases->push_back(row);
  };
  add("(20, 5) into 6", normal({20, 5}), index({20}, 0, 6), index({6}, 0, 1));
  add("ignored rows, empty segments", normal({12, 33}), index({12}, -3, 4), normal({9, 2}));
  add("(3000, 7) into 40", normal({3000, 7}), index({3000}, -1, 40), normal({40, 1}));
  add("(500, 80) into 60", normal({500, 80}), index({500}, 0, 60), normal({60, 1}));
  add("(16384, 256) into 8192", normal({16384, 256}), index({16384}, 0, 8192), normal({8192, 1}), true);
}

}  // namespace isolens
