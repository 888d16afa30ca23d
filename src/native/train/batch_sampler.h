// Which rows each batch of a run holds: by epochs, in groups of rows that are alike, or for measured activities.
#pragma once
#include <functional>
#include <vector>

#include "../feeds/batcher.h"
#include "run_config.h"

namespace isolens {

// The rows of a batch by its number; called on the prefetching thread.
using BatchSampler = std::function<std::vector<RowVisit>(int64_t)>;

Expected<BatchSampler> open_sampler(const RunConfig& config, const Dataset& data);

// Of the rows that a run visits, by what the data files say of themselves: paths may change, contents may not.
Status digest_of_data(const RunConfig& config, const Dataset& data, std::string* digest);

}  // namespace isolens
