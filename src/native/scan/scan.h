// Scans over the columns of a library: the rows nearest to a query, the raw terms of given rows, and the rows that pass a filter. All answers
// are those of the TypeScript versions (src/search/scan/plain.ts), ties included: of equal rows the smaller is the nearer.
#pragma once
#include "columns.h"

namespace isolens::scan {

struct Found {
  float score;
  int32_t row;
};

// Rows by falling likeness to the query, at most `breadth`, among the allowed ones (null: all).
std::vector<Found> nearest_by_ecfp4(const Columns& columns, const Query& query, int64_t breadth, const Words* allowed);
std::vector<Found> nearest_by_pharmacophore(const Columns& columns, const Query& query, int64_t breadth, const Words* allowed);

// Rows of any embeddings, (rows, dimension), by falling cosine to a query of unit length.
std::vector<Found> nearest_by_vector(const float* vectors, int64_t count, int64_t dimension, const float* query, int64_t breadth, const Words* allowed);

// out: (rows, stride), of which the first kTerms are written. The sixth is the sum of steps between the properties, whose
// exponential is the caller's: two libraries of mathematics need not round it alike.
void raw_terms(const Columns& columns, const Query& query, const int32_t* rows, int64_t count, int64_t stride, double* out);

// Filters take rows out of a set, and return how many are left.
int64_t keep_window(const Columns& columns, int64_t column, double own, double low, double high, Words* allowed);  // low <= value - own <= high
int64_t keep_without_alerts(const Columns& columns, Words* allowed);
int64_t keep_other_scaffold(const Columns& columns, int32_t scaffold, Words* allowed);
int64_t keep_unlike(const Columns& columns, const Query& query, double limit, Words* allowed);  // ECFP4 Tanimoto <= limit
int64_t keep_pattern(const Columns& columns, const uint8_t* pattern, Words* allowed);  // rows with all bits of a pattern

}  // namespace isolens::scan
