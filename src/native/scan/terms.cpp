#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cosine.h"
#include "likeness.h"
#include "scan.h"

namespace isolens::scan {
namespace {

double steps_between(const Columns& columns, const Query& query, int64_t row) {
  const float* own = columns.descriptors + row * columns.descriptor_width;
  double steps = 0;
  for (const PropertyStep& one : columns.steps) {
    steps += std::fabs(static_cast<double>(query.descriptors[one.column]) - static_cast<double>(own[one.column])) / one.step;
  }
  return steps;
}

}  // namespace

void raw_terms(const Columns& columns, const Query& query, const int32_t* rows, int64_t count, int64_t stride, double* out) {
  const std::vector<int16_t> counts = widened(query, columns.pharmacophore_width);
  for (int64_t from = 0; from < count; from += kTogether) {
    const float* vectors[kTogether];
    double found[kTogether];
    // At the end the last row stands in for those that are missing.
    for (int r = 0; r < kTogether; r++) vectors[r] = columns.vectors + rows[std::min(from + r, count - 1)] * columns.dimension;
    cosines(query.vector, vectors, columns.dimension, found);
    for (int64_t i = from; i < std::min(from + kTogether, count); i++) {
      const int64_t row = rows[i];
      double* terms = out + i * stride;
      terms[0] = found[i - from];
      terms[1] = tanimoto(query.ecfp4, columns.ecfp4, row);
      terms[2] = tanimoto(query.atom_pair, columns.atom_pair, row);
      terms[3] = tanimoto(query.torsion, columns.torsion, row);
      terms[4] = pharmacophore_tanimoto(columns, query, counts.data(), row);
      terms[5] = steps_between(columns, query, row);
      terms[6] = query.scaffold == columns.scaffold[row] && query.scaffold != 0 ? 0 : 1;
      terms[7] = std::abs(query.charge_class - static_cast<int>(columns.charge_class[row])) / 2.0;
    }
  }
}

}  // namespace isolens::scan
