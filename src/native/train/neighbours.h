// An order of rows in which rows that stand together are alike, for batches that hold hard negatives: beside every molecule
// some that differ from it in one place (RetCL takes the nearest candidates as negatives, Lee et al. 2021, arXiv:2105.00795).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../feeds/dataset.h"

namespace isolens {

// Leaves, from left to right, of a random-projection tree over the sparse column `column` (NAME.offsets, .indices, .values).
// Rows with the same features (a molecule visited twice, or with and without its salt) are kept apart: all first occurrences
// come before all second ones. A permutation of 0 .. rows - 1; one seed gives one order.
Expected<std::vector<int32_t>> neighbour_order(const Dataset& data, const std::string& column, uint64_t seed);

}  // namespace isolens
