#include "plan.h"

#include <algorithm>
#include <climits>

namespace isolens {

namespace {

constexpr int kForever = INT_MAX;

// Something that lives in a storage: a value, or the gradient of one.
struct Member {
  int end = 0;
  std::vector<int> writes;  // times at which it is added to after it was first written
};

size_t bytes_of(const TensorSpec& spec) { return static_cast<size_t>(spec.count()) * 4; }

class Planner {
 public:
  Planner(const Graph& graph, const std::vector<TensorSpec>& specs, const PlanOptions& options)
      : graph_(graph), specs_(specs), options_(options), count_(static_cast<int>(graph.nodes.size())) {}

  Expected<Plan> run() {
    plan_.nodes.resize(graph_.nodes.size());
    plan_.value_storage.assign(graph_.values.size(), -1);
    plan_.gradient_storage.assign(graph_.values.size(), -1);
    for (size_t i = 0; i < graph_.nodes.size(); i++) {
      const size_t inputs = graph_.nodes[i].inputs.size();
      plan_.nodes[i].wanted.assign(inputs, false);
      plan_.nodes[i].accumulate.assign(inputs, false);
      plan_.nodes[i].temporary.assign(inputs, -1);
    }
    if (options_.training) find_gradients();
    if (options_.training && !reached_[options_.loss]) {
      return Status(Code::kGraphInvalid, "Graph " + graph_.name + ": expected a loss that depends on a trainable parameter but received " +
                                             graph_.values[options_.loss].name + ".");
    }
    place_values();
    if (options_.training) place_gradients();
    place_scratch();
    plan_.arena_bytes = place_storages(&plan_.storages);
    return std::move(plan_);
  }

 private:
  int backward_time(int node) const { return count_ + 1 + (count_ - 1 - node); }

  // Which values get a gradient: those between the loss and something trainable.
  void find_gradients() {
    std::vector<bool> needs(graph_.values.size(), false);
    for (size_t v = 0; v < graph_.values.size(); v++) {
      const GraphValue& value = graph_.values[v];
      if (value.kind == ValueKind::kParameter) needs[v] = graph_.parameters[value.index].trainable;
      if (value.kind == ValueKind::kInput) needs[v] = options_.input_gradients && specs_[v].dtype == DType::kF32;
    }
    for (const GraphNode& node : graph_.nodes) {
      const std::vector<TensorSpec> in = node_inputs(node, specs_);
      for (size_t k = 0; k < node.inputs.size(); k++) {
        if (in[k].present && needs[node.inputs[k]] && node.instance->differentiable(k, in)) needs[node.output] = true;
      }
    }
    reached_.assign(graph_.values.size(), false);
    contributions_.resize(graph_.values.size());
    reached_[options_.loss] = needs[options_.loss];
    for (int i = count_ - 1; i >= 0; i--) {
      const GraphNode& node = graph_.nodes[i];
      if (!reached_[node.output]) continue;
      const std::vector<TensorSpec> in = node_inputs(node, specs_);
      for (size_t k = 0; k < node.inputs.size(); k++) {
        if (!in[k].present || !needs[node.inputs[k]] || !node.instance->differentiable(k, in)) continue;
        plan_.nodes[i].backward = true;
        plan_.nodes[i].wanted[k] = true;
        reached_[node.inputs[k]] = true;
        contributions_[node.inputs[k]].push_back(backward_time(i));
      }
    }
  }

  int new_storage(size_t bytes, int start, int end) {
    plan_.storages.push_back({bytes, start, end, 0});
    members_.emplace_back();
    return static_cast<int>(plan_.storages.size()) - 1;
  }
  void join(int storage, Member member) {
    plan_.storages[storage].end = std::max(plan_.storages[storage].end, member.end);
    members_[storage].push_back(std::move(member));
  }

  // Everything in the storage but `self` members that end exactly at `time` with its last reader is dead: it may be written.
  // The one member that ends at `time` is what the caller overwrites.
  bool writable(int storage, int time) const {
    int ending = 0;
    for (const Member& member : members_[storage]) {
      if (member.end > time) return false;
      if (member.end == time) ending++;
    }
    return ending <= 1;
  }

  // A view with these properties may join: no member is written while another is still to be read.
  bool viewable(int storage, int time, const Member& view) const {
    for (const Member& member : members_[storage]) {
      if (member.end > time) {
        for (int write : view.writes) {
          if (write <= member.end) return false;
        }
      }
      for (int write : member.writes) {
        if (write > time && write <= view.end) return false;
      }
    }
    return true;
  }

  bool shares(Reuse reuse, int storage, int time, const TensorSpec& a, const TensorSpec& b, const Member& member) const {
    if (options_.keep_all || storage < 0 || reuse == Reuse::kNone || a.dtype != b.dtype) return false;
    if (reuse == Reuse::kView) return a.count() == b.count() && viewable(storage, time, member);
    return a.shape == b.shape && writable(storage, time);
  }

  void place_values() {
    std::vector<int> end(graph_.values.size(), -1);
    for (int i = 0; i < count_; i++) {
      const GraphNode& node = graph_.nodes[i];
      const NodePlan& planned = plan_.nodes[i];
      end[node.output] = std::max(end[node.output], i);
      for (size_t k = 0; k < node.inputs.size(); k++) {
        if (node.inputs[k] < 0) continue;
        int& last = end[node.inputs[k]];
        last = std::max(last, i);
        if (planned.backward && node.instance->backward_reads_input(k, planned.wanted)) last = std::max(last, backward_time(i));
      }
      if (planned.backward && node.instance->backward_reads_output()) end[node.output] = std::max(end[node.output], backward_time(i));
    }
    for (int output : graph_.outputs) end[output] = kForever;
    if (options_.loss >= 0) end[options_.loss] = kForever;
    for (size_t v = 0; v < graph_.values.size(); v++) {
      if (graph_.values[v].kind != ValueKind::kNode || options_.keep_all) end[v] = kForever;
      if (graph_.values[v].kind != ValueKind::kInput) continue;
      plan_.value_storage[v] = new_storage(bytes_of(specs_[v]), -1, kForever);
      join(plan_.value_storage[v], {kForever, {}});
    }
    for (int i = 0; i < count_; i++) place_output(i, {end[graph_.nodes[i].output], {}});
  }

  void place_output(int i, const Member& member) {
    const GraphNode& node = graph_.nodes[i];
    int& storage = plan_.value_storage[node.output];
    for (size_t k = 0; k < node.inputs.size(); k++) {
      if (node.inputs[k] < 0) continue;
      const int candidate = plan_.value_storage[node.inputs[k]];
      const Reuse reuse = node.instance->forward_reuse(k);
      if (!shares(reuse, candidate, i, specs_[node.inputs[k]], specs_[node.output], member)) continue;
      storage = candidate;
      plan_.sharings.push_back({i, static_cast<int>(k), reuse == Reuse::kOverwrite});
      break;
    }
    if (storage < 0) storage = new_storage(bytes_of(specs_[node.output]), i, i);
    join(storage, member);
  }

  void place_gradients() {
    const int loss = options_.loss;
    const bool computed = graph_.values[loss].kind == ValueKind::kNode;
    plan_.gradient_storage[loss] = new_storage(bytes_of(specs_[loss]), count_, count_);
    join(plan_.gradient_storage[loss], {computed && !options_.keep_all ? backward_time(graph_.values[loss].index) : kForever, {}});
    for (int i = count_ - 1; i >= 0; i--) {
      NodePlan& planned = plan_.nodes[i];
      if (!planned.backward) continue;
      const int storage = plan_.gradient_storage[graph_.nodes[i].output];
      planned.dy_writable = graph_.nodes[i].instance->masks_gradient() && !options_.keep_all && writable(storage, backward_time(i));
      for (size_t k = 0; k < planned.wanted.size(); k++) {
        if (planned.wanted[k]) place_gradient(i, k);
      }
    }
  }

  void place_gradient(int i, size_t k) {
    const GraphNode& node = graph_.nodes[i];
    NodePlan& planned = plan_.nodes[i];
    const int v = node.inputs[k];
    const int time = backward_time(i);
    const GraphValue& value = graph_.values[v];
    int& storage = plan_.gradient_storage[v];
    planned.accumulate[k] = value.kind == ValueKind::kParameter || storage >= 0;
    if (planned.accumulate[k]) {
      if (!node.instance->can_accumulate(k)) planned.temporary[k] = new_storage(bytes_of(specs_[v]), time, time);
      return;
    }
    Member member;
    member.end = value.kind == ValueKind::kNode && !options_.keep_all ? backward_time(value.index) : kForever;
    member.writes.assign(contributions_[v].begin() + 1, contributions_[v].end());
    Reuse reuse = node.instance->backward_reuse(k);
    if (node.instance->masks_gradient() && !planned.dy_writable) reuse = Reuse::kNone;
    if (std::count(node.inputs.begin(), node.inputs.end(), v) > 1) reuse = Reuse::kNone;
    const int candidate = plan_.gradient_storage[node.output];
    if (shares(reuse, candidate, time, specs_[v], specs_[node.output], member)) {
      storage = candidate;
      plan_.sharings.push_back({i, static_cast<int>(k), reuse == Reuse::kOverwrite});
    } else {
      storage = new_storage(bytes_of(specs_[v]), time, time);
    }
    join(storage, std::move(member));
  }

  void place_scratch() {
    for (int i = 0; i < count_; i++) {
      const GraphNode& node = graph_.nodes[i];
      const std::vector<TensorSpec> in = node_inputs(node, specs_);
      const TensorSpec& out = specs_[node.output];
      plan_.workspace_bytes = std::max(plan_.workspace_bytes, node.instance->workspace_bytes(in, out, options_.threads));
      if (!plan_.nodes[i].backward) continue;
      const size_t saved = node.instance->saved_bytes(in, out);
      if (saved > 0) plan_.nodes[i].saved = new_storage(saved, i, options_.keep_all ? kForever : backward_time(i));
    }
  }

  const Graph& graph_;
  const std::vector<TensorSpec>& specs_;
  const PlanOptions& options_;
  const int count_;
  Plan plan_;
  std::vector<bool> reached_;
  std::vector<std::vector<int>> contributions_;  // per value: backward times at which its gradient is written
  std::vector<std::vector<Member>> members_;     // per storage
};

}  // namespace

Expected<Plan> make_plan(const Graph& graph, const std::vector<TensorSpec>& specs, const PlanOptions& options) {
  return Planner(graph, specs, options).run();
}

}  // namespace isolens
