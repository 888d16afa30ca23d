// A whole training run from its configuration: what both front ends call.
#pragma once
#include <atomic>
#include <functional>

#include "../core/json.h"

namespace isolens {

struct TrainHooks {
  std::function<void(const Json& event)> event;      // called on the training thread, in order
  const std::atomic<bool>* cancelled = nullptr;  // ends the run after the current step, with a checkpoint
};

// Blocks until the run ends; the summary is also the last event ("done").
Expected<Json> run_training(const Json& config, const TrainHooks& hooks);

// {"graph", "weights", "feeds", "data": [path], "output": value, "path": file, "batch", "precision", "threads", "seed",
// "rows"}: writes the value of every row as row-major little-endian f32. Returns {rows, dimension, seconds}.
Expected<Json> run_embedding(const Json& config, const TrainHooks& hooks);

}  // namespace isolens
