// The static memory plan of a graph at its capacity: which value, gradient and scratch lies where in one arena. Planned once;
// smaller sizes use the same places.
//
// Time: node i of n runs forward at i; the gradient of the loss is set at n; node i runs backward at n + 1 + (n - 1 - i).
// A storage is a piece of the arena; values that are views of each other, or overwrite each other, share one storage, and
// storages whose lifetimes do not meet share addresses.
#pragma once
#include <vector>

#include "graph.h"

namespace isolens {

struct PlanOptions {
  bool training = false;
  bool keep_all = false;         // nothing shares memory
  bool input_gradients = false;  // also of f32 graph inputs
  int loss = -1;                 // value number, training only
  int threads = 1;
};

struct NodePlan {
  bool backward = false;
  bool dy_writable = false;
  std::vector<bool> wanted;      // which inputs get a gradient
  std::vector<bool> accumulate;  // added to what an earlier node wrote
  std::vector<int> temporary;    // storage for a gradient that the operator cannot accumulate itself; -1: none
  int saved = -1;                // storage
};

// Two tensors share a storage on the condition that their shapes (or only counts) agree, which bind() checks again.
struct Sharing {
  int node;
  int input;         // forward: output shares with this input; backward: its gradient with that of the output
  bool same_shape;   // otherwise only the same count
};

struct Storage {
  size_t bytes = 0;
  int start = 0, end = 0;  // inclusive
  size_t offset = 0;
};

struct Plan {
  std::vector<NodePlan> nodes;
  std::vector<int> value_storage;     // per value; -1: a parameter
  std::vector<int> gradient_storage;  // per value; -1: none in the arena
  std::vector<Sharing> sharings;
  std::vector<Storage> storages;
  size_t arena_bytes = 0;
  size_t workspace_bytes = 0;
};

// specs: at capacity.
Expected<Plan> make_plan(const Graph& graph, const std::vector<TensorSpec>& specs, const PlanOptions& options);

// Gives each storage its offset; returns the bytes of the arena. (place.cpp)
size_t place_storages(std::vector<Storage>* storages);

}  // namespace isolens
