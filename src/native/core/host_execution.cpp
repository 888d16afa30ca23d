// The processor's own memory and operators.
#include "execution.h"
#include "memory.h"

#include <cstring>

namespace isolens {

namespace {

class HostExecution final : public Execution {
 public:
  explicit HostExecution(ThreadPool& pool) : pool_(pool) {}

  Status reserve(size_t bytes) override { return reserved(arena_.reserve(bytes), bytes, "memory"); }
  Status reserve_workspace(size_t bytes) override { return reserved(workspace_.reserve(bytes), bytes, "scratch memory"); }
  char* arena() const override { return arena_.data(); }
  void* workspace() const override { return workspace_.data(); }
  size_t memory_bytes() const override { return arena_.bytes() + workspace_.bytes(); }

  Status open_nodes(const std::vector<GraphNode>& nodes) override {
    nodes_ = &nodes;
    return Status::ok();
  }
  size_t workspace_bytes(size_t node, const std::vector<TensorSpec>& in, const TensorSpec& out) const override {
    return (*nodes_)[node].instance->workspace_bytes(in, out, pool_.threads());
  }

  Status bind(const std::vector<InputPlace>&, uint64_t) override { return Status::ok(); }
  Expected<void*> input(const InputPlace& input) override { return input.place; }
  Expected<void*> read(const void* place, size_t) override { return const_cast<void*>(place); }

  Status open_parameters(ParameterStore&) override { return Status::ok(); }
  float* parameter_value(ParameterStore& store, size_t index) const override { return store.all()[index].value.data(); }
  float* parameter_gradient(ParameterStore& store, size_t index) const override { return store.all()[index].grad.data(); }

  Expected<bool> begin(Pass, bool, uint64_t) override { return true; }
  Status forward(size_t node, OpContext& context) override {
    const GraphNode& each = (*nodes_)[node];
    const std::string refusal = each.instance->forward(context);
    return refusal.empty() ? Status::ok() : Status(Code::kGraphInvalid, "Node " + each.name + " (" + each.op + "): " + refusal + ".");
  }
  Status backward(size_t node, OpContext& context) override {
    (*nodes_)[node].instance->backward(context);
    return Status::ok();
  }
  Status fill(float* place, float value, int64_t count) override {
    for (int64_t i = 0; i < count; i++) place[i] = value;
    return Status::ok();
  }
  Status add(float* target, const float* added, int64_t count) override {
    pool_.range(count, 1 << 14, [&](int64_t begin, int64_t end) {
      for (int64_t at = begin; at < end; at++) target[at] += added[at];
    });
    return Status::ok();
  }
  Status end() override { return Status::ok(); }
  Status take(ParameterStore& store, size_t index, int64_t offset, const float* from, int64_t count) override {
    std::memcpy(store.all()[index].value.data() + offset, from, static_cast<size_t>(count) * sizeof(float));
    return Status::ok();
  }
  Status scatter(ParameterStore& store, size_t index, const int32_t* rows, const float* from, int64_t count) override {
    Parameter& parameter = store.all()[index];
    const int64_t held = parameter.shape[0], width = parameter.shape[1];
    for (int64_t i = 0; i < count; i++) {
      if (rows[i] >= 0 && rows[i] < held) continue;
      return Status(Code::kDatasetInvalid, "expected rows within the " + std::to_string(held) + " of " + parameter.name + " but received " + std::to_string(rows[i]) + " at position " +
                                               std::to_string(i) + ". Give the bank a row for every item.");
    }
    for (int64_t i = 0; i < count; i++) std::memcpy(parameter.value.data() + rows[i] * width, from + i * width, static_cast<size_t>(width) * sizeof(float));
    return Status::ok();
  }
  Status record(const std::vector<const float*>&, float) override { return Status(Code::kNativeFailed, "Expected a program on a device: here values are read directly."); }

 private:
  static Status reserved(bool done, size_t bytes, const char* what) {
    if (done) return Status::ok();
    return Status(Code::kNativeFailed, "expected " + std::to_string(bytes >> 20) + " MiB of " + what + " but the system has less. Lower the batch size.");
  }

  ThreadPool& pool_;
  const std::vector<GraphNode>* nodes_ = nullptr;
  Memory arena_, workspace_;
};

}  // namespace

std::unique_ptr<Execution> make_host_execution(ThreadPool& pool) { return std::make_unique<HostExecution>(pool); }

}  // namespace isolens
