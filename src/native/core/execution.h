// Where a program's memory lies and its nodes run. The processor's own is host_execution.cpp; a device brings another through
// Backend. Programs plan, bind and name things the same way on all of them.
#pragma once
#include "graph.h"

namespace isolens {

// What the seed of a node grows by with every step.
constexpr uint64_t kStepStride = 0xd1342543de82ef95ull;

enum class Pass { kForward, kBackward };

// A graph input and its place in the arena.
struct InputPlace {
  int value = 0;
  void* place = nullptr;
  size_t bytes = 0;
};

class Execution {
 public:
  virtual ~Execution() = default;

  // Memory for values, gradients and saved numbers; once.
  virtual Status reserve(size_t arena_bytes) = 0;
  // Scratch of one node at a time; may grow with the sizes bound.
  virtual Status reserve_workspace(size_t bytes) = 0;
  virtual char* arena() const = 0;
  virtual void* workspace() const = 0;
  virtual size_t memory_bytes() const = 0;

  // After the last rewrite of the graph.
  virtual Status open_nodes(const std::vector<GraphNode>& nodes) = 0;
  virtual size_t workspace_bytes(size_t node, const std::vector<TensorSpec>& in, const TensorSpec& out) const = 0;

  // Sizes were bound; signature: equal where all of them are.
  virtual Status bind(const std::vector<InputPlace>& inputs, uint64_t signature) = 0;
  // Memory of the host to fill before the next forward pass.
  virtual Expected<void*> input(const InputPlace& input) = 0;
  // Memory of the host with what `place` holds; valid until the next pass. Waits for a device, and reports what failed there.
  virtual Expected<void*> read(const void* place, size_t bytes) = 0;

  // Where nodes find the numbers of store.all()[index]; opened before every pass, since the store may have changed.
  virtual Status open_parameters(ParameterStore& store) = 0;
  virtual float* parameter_value(ParameterStore& store, size_t index) const = 0;
  virtual float* parameter_gradient(ParameterStore& store, size_t index) const = 0;

  // True: run every node of the pass, then end(). False: the pass has been set off as a whole.
  virtual Expected<bool> begin(Pass pass, bool training, uint64_t step) = 0;
  virtual Status forward(size_t node, OpContext& context) = 0;
  virtual Status backward(size_t node, OpContext& context) = 0;
  virtual Status fill(float* place, float value, int64_t count) = 0;
  virtual Status add(float* target, const float* added, int64_t count) = 0;
  virtual Status end() = 0;

  // Copies numbers that a pass has computed into the parameter store.all()[index], from `offset` on, without waiting.
  virtual Status take(ParameterStore& store, size_t index, int64_t offset, const float* from, int64_t count) = 0;

  // Copies row i of `from` into row rows[i] of the matrix store.all()[index], i < count, without waiting; of equal rows the last stays. A
  // row outside the matrix is refused before anything is written; devices leave it out instead, as they could not tell in time.
  virtual Status scatter(ParameterStore& store, size_t index, const int32_t* rows, const float* from, int64_t count) = 0;

  // Adds share * scalar to the sums of the store's mirror, without waiting. Devices only.
  virtual Status record(const std::vector<const float*>& scalars, float share) = 0;
};

std::unique_ptr<Execution> make_host_execution(ThreadPool& pool);

// A device that programs can run on.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual const std::string& description() const = 0;
  virtual std::unique_ptr<Execution> make_execution(const ProgramOptions& options) = 0;
};

}  // namespace isolens
