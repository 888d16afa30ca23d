// Parameters on disk: weights ("param/NAME" alone) and checkpoints (with the optimiser's moments and the step).
#pragma once
#include <string>
#include <vector>

#include "../core/program.h"
#include "../core/safetensors.h"

namespace isolens {

struct CheckpointFacts {
  int64_t step = 0;  // completed steps
  uint64_t seed = 0;
  std::string config_digest;
  std::string data_digest;  // empty: of a version that did not store it
  double best_metric = -1;  // < 0: none yet
  int64_t best_step = 0;
};

// Copies "param/NAME" of every parameter the file holds; the others are returned in *absent. A file that holds none of
// them, or one in another shape, or values that are not finite, is refused.
Status load_weights(const std::string& path, ParameterStore& store, std::vector<std::string>* absent);
// Is nothing that is trained among what the file gave?
bool all_trained_absent(ParameterStore& store, const std::vector<std::string>& absent);
// "a, b, ..." of at most eight names.
std::string first_names(const std::vector<std::string>& names);
Status save_weights(const std::string& path, ParameterStore& store, const CheckpointFacts& facts);

Status save_checkpoint(const std::string& path, ParameterStore& store, const CheckpointFacts& facts);
// Everything must be there and in shape.
Expected<CheckpointFacts> load_checkpoint(const std::string& path, ParameterStore& store);
// The same for a run with the facts `own`: a checkpoint of other data is refused; *doubt says where the configuration was another.
Expected<CheckpointFacts> load_checkpoint_of(const CheckpointFacts& own, const std::string& path, ParameterStore& store, std::string* doubt);

}  // namespace isolens
