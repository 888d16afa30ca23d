#include "program.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>

#include "execution.h"
#include "parameters.h"
#include "plan.h"

namespace isolens {

namespace {

const std::string kBatchSymbol = "N";

Status failed(Code code, std::string message) { return Status(code, std::move(message)); }

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

class BoundProgram final : public Program {
 public:
  BoundProgram(Graph graph, const ProgramOptions& options, ParameterStore& store, ThreadPool& pool)
      : graph_(std::move(graph)),
        options_(options),
        store_(store),
        pool_(pool),
        execution_(options.backend == nullptr ? make_host_execution(pool) : options.backend->make_execution(options)) {}

  Status prepare() {
    ISOLENS_TRY(add_parameters(graph_, options_.seed, &store_, &parameter_index_));
    ISOLENS_TRY(sizes_of(options_.capacity, nullptr, &capacity_));
    std::vector<TensorSpec> specs;
    ISOLENS_TRY(infer_shapes(graph_, capacity_, &specs));
    PlanOptions plan_options;
    plan_options.training = options_.training;
    plan_options.keep_all = options_.keep_all;
    plan_options.input_gradients = options_.input_gradients;
    plan_options.threads = pool_.threads();
    if (options_.training) ISOLENS_TRY(find_loss(specs, &plan_options.loss));
    if (!options_.keep_all) {
      std::vector<int> keep = graph_.outputs;
      if (plan_options.loss >= 0) keep.push_back(plan_options.loss);
      fuse_activations(&graph_, keep);
    }
    loss_ = plan_options.loss;
    Expected<Plan> plan = make_plan(graph_, specs, plan_options);
    if (!plan) return plan.status();
    plan_ = std::move(*plan);
    ISOLENS_TRY(named(execution_->open_nodes(graph_.nodes)));
    ISOLENS_TRY(named(execution_->reserve(plan_.arena_bytes)));
    times_.resize(options_.profile ? graph_.nodes.size() : 0);
    for (size_t i = 0; i < times_.size(); i++) times_[i] = {graph_.nodes[i].op, graph_.nodes[i].name, 0, 0};
    return bind(options_.capacity);
  }

  Status bind(const std::map<std::string, int64_t>& sizes) override try {
    bound_ = false;
    std::vector<int64_t> values;
    ISOLENS_TRY(sizes_of(sizes, &capacity_, &values));
    ISOLENS_TRY(infer_shapes(graph_, values, &specs_));
    ISOLENS_TRY(check_fit());
    size_t workspace = plan_.workspace_bytes;
    node_in_.resize(graph_.nodes.size());
    for (size_t i = 0; i < graph_.nodes.size(); i++) {
      const GraphNode& node = graph_.nodes[i];
      node_in_[i] = node_inputs(node, specs_);
      workspace = std::max(workspace, execution_->workspace_bytes(i, node_in_[i], specs_[node.output]));
    }
    ISOLENS_TRY(named(execution_->reserve_workspace(workspace)));
    uint64_t signature = 0;
    for (int64_t value : values) signature = (signature ^ static_cast<uint64_t>(value)) * 0x100000001b3ull;
    std::vector<InputPlace> inputs;
    for (size_t v = 0; v < graph_.values.size(); v++) {
      if (graph_.values[v].kind == ValueKind::kInput) inputs.push_back(input_place(static_cast<int>(v)));
    }
    ISOLENS_TRY(named(execution_->bind(inputs, signature)));
    bound_ = true;
    ran_forward_ = ran_backward_ = false;
    return Status::ok();
  } catch (const std::bad_alloc&) {
    return failed(Code::kNativeFailed, "Graph " + graph_.name + ": out of memory while binding sizes.");
  }

  Expected<TensorView> input(const std::string& name) override {
    const int v = find_value(name);
    if (!bound_ || v < 0 || graph_.values[v].kind != ValueKind::kInput) {
      return failed(Code::kGraphInvalid, "Expected an input of graph " + graph_.name + " but received " + name + ".");
    }
    Expected<void*> data = execution_->input(input_place(v));
    if (!data) return named(data.status());
    return view(v, *data);
  }

  Expected<TensorView> value(const std::string& name) override {
    const int v = find_value(name);
    if (!bound_ || v < 0 || !(is_readable(v))) {
      return failed(Code::kGraphInvalid, "Expected an input or output of graph " + graph_.name + " (any value with keep_all) but received " + name + ".");
    }
    if (graph_.values[v].kind == ValueKind::kNode && !ran_forward_) return failed(Code::kGraphInvalid, "Expected forward() before " + name + " is read.");
    if (graph_.values[v].kind == ValueKind::kParameter) ISOLENS_TRY(refresh_parameters());
    return readable(v, value_pointer(v));
  }

  Expected<TensorView> input_gradient(const std::string& name) override {
    const int v = find_value(name);
    const bool has = bound_ && v >= 0 && plan_.gradient_storage[v] >= 0 && (options_.keep_all || graph_.values[v].kind == ValueKind::kInput);
    if (!has) return failed(Code::kGraphInvalid, "Expected a value of graph " + graph_.name + " that keeps its gradient (input_gradients) but received " + name + ".");
    if (!ran_backward_) return failed(Code::kGraphInvalid, "Expected backward() before the gradient of " + name + " is read.");
    return readable(v, gradient_pointer(v));
  }

  Status forward(bool training, uint64_t step) override try {
    if (!bound_) return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected bind() before forward().");
    ISOLENS_TRY(refresh_parameters());
    training_ = training;
    step_ = step;
    ran_forward_ = ran_backward_ = false;
    const Expected<bool> each = execution_->begin(Pass::kForward, training, step);
    if (!each) return named(each.status());
    for (size_t i = 0; *each && i < graph_.nodes.size(); i++) {
      if (is_empty(graph_.nodes[i].output)) continue;
      const double start = options_.profile ? now_ms() : 0;
      OpContext context = make_context(i);
      ISOLENS_TRY(execution_->forward(i, context));
      if (options_.profile) times_[i].forward_ms += now_ms() - start;
    }
    if (*each) ISOLENS_TRY(named(execution_->end()));
    ran_forward_ = true;
    return Status::ok();
  } catch (const std::bad_alloc&) {
    return failed(Code::kNativeFailed, "Graph " + graph_.name + ": out of memory in forward().");
  }

  Status backward(float scale) override try {
    if (!options_.training) return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected a program for training before backward().");
    if (!ran_forward_ || ran_backward_) return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected forward() before each backward().");
    ISOLENS_TRY(refresh_parameters());
    // Before the pass: the scale is no part of it.
    ISOLENS_TRY(named(execution_->fill(gradient_pointer(loss_), scale, 1)));
    const Expected<bool> each = execution_->begin(Pass::kBackward, training_, step_);
    if (!each) return named(each.status());
    for (size_t i = graph_.nodes.size(); *each && i-- > 0;) {
      if (!plan_.nodes[i].backward) continue;
      const double start = options_.profile ? now_ms() : 0;
      ISOLENS_TRY(backward_node(i));
      if (options_.profile) times_[i].backward_ms += now_ms() - start;
    }
    if (*each) ISOLENS_TRY(named(execution_->end()));
    ran_backward_ = true;
    return Status::ok();
  } catch (const std::bad_alloc&) {
    return failed(Code::kNativeFailed, "Graph " + graph_.name + ": out of memory in backward().");
  }

  Status record(const std::vector<std::string>& scalars, float share) override {
    std::vector<const float*> places;
    for (const std::string& name : scalars) {
      const int v = find_value(name);
      const bool scalar = bound_ && ran_forward_ && v >= 0 && is_readable(v) && specs_[v].count() == 1 && specs_[v].dtype == DType::kF32;
      if (!scalar) return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected a scalar that forward() has computed but received " + name + ".");
      places.push_back(static_cast<const float*>(value_pointer(v)));
    }
    return named(execution_->record(places, share));
  }

  Status take(const Rule& rule, int64_t step) override {
    const int v = find_value(rule.source), p = find_value(rule.parameter);
    const bool known = bound_ && ran_forward_ && v >= 0 && is_readable(v) && p >= 0 && graph_.values[p].kind == ValueKind::kParameter;
    if (!known) return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected an output that forward() has computed but received " + rule.source + ".");
    if (rule.kind == Rule::Kind::kScatterRows) return scatter(rule, v, p);
    const int64_t count = specs_[v].count(), whole = specs_[p].count();
    const bool rows = specs_[v].shape.size() == 2 && specs_[p].shape.size() == 2 && count > 0 && whole % count == 0;
    const bool fits = rule.kind == Rule::Kind::kAssign ? specs_[v].shape == specs_[p].shape : rows && specs_[v].shape[1] == specs_[p].shape[1];
    if (!fits) {
      return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected " + rule.parameter + " " + describe(specs_[p]) + " to hold " + rule.source + " " + describe(specs_[v]) +
                                             " a whole number of times. Choose a multiple of the batch.");
    }
    const size_t index = parameter_index_[static_cast<size_t>(graph_.values[p].index)];
    return named(execution_->take(store_, index, (step - 1) * count % whole, static_cast<const float*>(value_pointer(v)), count));
  }

  size_t memory_bytes() const override { return execution_->memory_bytes(); }
  std::vector<NodeTime> profile() const override { return times_; }

 private:
  // Rows of value v to rows of parameter p.
  Status scatter(const Rule& rule, int v, int p) {
    const int r = find_value(rule.rows);
    if (r < 0 || !is_readable(r)) return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected an output or an input that names rows but received " + rule.rows + ".");
    const Shape &from = specs_[v].shape, &to = specs_[p].shape, &rows = specs_[r].shape;
    const bool fits = specs_[v].dtype == DType::kF32 && specs_[r].dtype == DType::kI32 && from.size() == 2 && to.size() == 2 && from[1] == to[1] && rows == Shape{from[0]};
    if (!fits) {
      return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected rows i32(N) and f32(N, " + std::to_string(to[1]) + ") for " + rule.parameter + " but received " + rule.rows + " " +
                                             describe(specs_[r]) + " and " + rule.source + " " + describe(specs_[v]) + ".");
    }
    const size_t index = parameter_index_[static_cast<size_t>(graph_.values[p].index)];
    return named(execution_->scatter(store_, index, static_cast<const int32_t*>(value_pointer(r)), static_cast<const float*>(value_pointer(v)), from[0]));
  }

  // Values of the symbols in the graph's order; within `limits` where given.
  Status sizes_of(const std::map<std::string, int64_t>& sizes, const std::vector<int64_t>* limits, std::vector<int64_t>* out) const {
    for (size_t s = 0; s < graph_.symbols.size(); s++) {
      const std::string& symbol = graph_.symbols[s];
      const auto found = sizes.find(symbol);
      if (found == sizes.end()) return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected a size for symbol " + symbol + " but received none.");
      const int64_t limit = limits != nullptr ? (*limits)[s] : kMaximumElements;
      // A batch has rows; what its rows hold may be nothing: no bond among the edges of methane and water.
      const int64_t least = symbol == kBatchSymbol || limits == nullptr ? 1 : 0;
      if (found->second < least || found->second > limit) {
        return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected symbol " + symbol + " from " + std::to_string(least) +
                                               " to " + std::to_string(limit) +
                                               (limits != nullptr ? " (its capacity)" : "") + " but received " + std::to_string(found->second) + ".");
      }
      out->push_back(found->second);
    }
    return Status::ok();
  }

  Status find_loss(const std::vector<TensorSpec>& specs, int* loss) const {
    *loss = find_value(options_.loss);
    if (*loss < 0) return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected the name of its loss but received \"" + options_.loss + "\".");
    const TensorSpec& spec = specs[*loss];
    if (spec.count() == 1 && spec.dtype == DType::kF32 && graph_.values[*loss].kind == ValueKind::kNode) return Status::ok();
    return failed(Code::kGraphInvalid, "Graph " + graph_.name + ": expected a computed scalar as loss but received " + options_.loss + " of " + describe(spec) + ".");
  }

  // Places were planned at capacity; smaller sizes must fit and must not turn shared places into different shapes.
  Status check_fit() const {
    const auto refuse = [&](int v) {
      return failed(Code::kGraphInvalid, "Value " + graph_.values[v].name + ": expected a size within what the capacity plans but received " + describe(specs_[v]) + ".");
    };
    for (size_t v = 0; v < specs_.size(); v++) {
      const size_t bytes = static_cast<size_t>(specs_[v].count()) * 4;
      for (int storage : {plan_.value_storage[v], plan_.gradient_storage[v]}) {
        if (storage >= 0 && bytes > plan_.storages[storage].bytes) return refuse(static_cast<int>(v));
      }
    }
    for (const Sharing& sharing : plan_.sharings) {
      const GraphNode& node = graph_.nodes[sharing.node];
      const TensorSpec& in = specs_[node.inputs[sharing.input]];
      const TensorSpec& out = specs_[node.output];
      if (sharing.same_shape ? in.shape != out.shape : in.count() != out.count()) return refuse(node.output);
    }
    for (size_t i = 0; i < graph_.nodes.size(); i++) {
      if (plan_.nodes[i].saved < 0) continue;
      const GraphNode& node = graph_.nodes[i];
      const size_t saved = node.instance->saved_bytes(node_inputs(node, specs_), specs_[node.output]);
      if (saved > plan_.storages[plan_.nodes[i].saved].bytes) return refuse(node.output);
    }
    if (loss_ >= 0 && specs_[loss_].count() != 1) return refuse(loss_);
    return Status::ok();
  }

  // Operators never see an empty output.
  bool is_empty(int v) const { return specs_[v].count() == 0; }

  int find_value(const std::string& name) const {
    const auto found = graph_.value_by_name.find(name);
    return found == graph_.value_by_name.end() ? -1 : found->second;
  }
  bool is_readable(int v) const {
    if (options_.keep_all || graph_.values[v].kind != ValueKind::kNode || v == loss_) return true;
    return std::find(graph_.outputs.begin(), graph_.outputs.end(), v) != graph_.outputs.end();
  }

  Status named(Status status) const {
    return status.is_ok() ? status : Status(status.code(), "Graph " + graph_.name + ": " + status.message());
  }
  InputPlace input_place(int v) const { return {v, value_pointer(v), static_cast<size_t>(specs_[v].count()) * 4}; }
  Expected<TensorView> readable(int v, const void* place) {
    Expected<void*> data = execution_->read(place, static_cast<size_t>(specs_[v].count()) * 4);
    if (!data) return named(data.status());
    return view(v, *data);
  }

  void* storage_pointer(int storage) const { return execution_->arena() + plan_.storages[storage].offset; }
  void* value_pointer(int v) const {
    if (plan_.value_storage[v] >= 0) return storage_pointer(plan_.value_storage[v]);
    return parameter_value_[graph_.values[v].index];
  }
  float* gradient_pointer(int v) const {
    if (plan_.gradient_storage[v] >= 0) return static_cast<float*>(storage_pointer(plan_.gradient_storage[v]));
    return parameter_grad_[graph_.values[v].index];
  }
  TensorView view(int v, void* data) const { return {specs_[v].dtype, specs_[v].shape, data}; }

  // The store's vectors may have moved since the last call.
  Status refresh_parameters() {
    parameter_value_.resize(parameter_index_.size());
    parameter_grad_.resize(parameter_index_.size());
    std::vector<Parameter>& all = store_.all();
    for (size_t p = 0; p < parameter_index_.size(); p++) {
      const GraphParameter& wanted = graph_.parameters[p];
      const size_t count = static_cast<size_t>(element_count(wanted.shape));
      const bool present = parameter_index_[p] < all.size() && all[parameter_index_[p]].value.size() == count &&
                           (!wanted.trainable || all[parameter_index_[p]].grad.size() == count);
      if (!present) return failed(Code::kGraphInvalid, "Parameter " + wanted.name + ": expected " + std::to_string(count) + " numbers in the store, which has changed.");
    }
    ISOLENS_TRY(named(execution_->open_parameters(store_)));
    for (size_t p = 0; p < parameter_index_.size(); p++) {
      parameter_value_[p] = execution_->parameter_value(store_, parameter_index_[p]);
      parameter_grad_[p] = graph_.parameters[p].trainable ? execution_->parameter_gradient(store_, parameter_index_[p]) : nullptr;
    }
    return Status::ok();
  }

  OpContext make_context(size_t i) {
    const GraphNode& node = graph_.nodes[i];
    OpContext context{pool_, options_.precision, training_, 0, node_in_[i], specs_[node.output], {}, nullptr, nullptr, nullptr, nullptr, false, {}, {}};
    // Distinct per node and step, so that dropout masks do not repeat; by name, so that rewrites of the graph change none.
    context.seed = options_.seed * 0x9e3779b97f4a7c15ull + step_ * kStepStride + hash_name(node.name);
    context.x.resize(node.inputs.size(), nullptr);
    for (size_t k = 0; k < node.inputs.size(); k++) {
      if (node.inputs[k] >= 0) context.x[k] = value_pointer(node.inputs[k]);
    }
    context.y = value_pointer(node.output);
    if (plan_.nodes[i].saved >= 0) context.saved = storage_pointer(plan_.nodes[i].saved);
    context.workspace = execution_->workspace();
    return context;
  }

  // Whether value v is a parameter whose gradient is the first since zero_grad(). One that is added up apart finds zeros.
  bool overwrites(int v, bool apart) {
    if (graph_.values[v].kind != ValueKind::kParameter || store_.mirror() != nullptr) return false;
    Parameter& parameter = store_.all()[parameter_index_[static_cast<size_t>(graph_.values[v].index)]];
    if (apart) parameter.settle_gradient();
    const bool stale = parameter.grad_is_stale;
    parameter.grad_is_stale = false;
    return stale;
  }

  Status backward_node(size_t i) {
    const GraphNode& node = graph_.nodes[i];
    const NodePlan& planned = plan_.nodes[i];
    OpContext context = make_context(i);
    context.dy = gradient_pointer(node.output);
    context.dy_writable = planned.dy_writable;
    context.accumulate = planned.accumulate;
    context.dx.assign(node.inputs.size(), nullptr);
    for (size_t k = 0; k < node.inputs.size(); k++) {
      if (!planned.wanted[k]) continue;
      context.dx[k] = planned.temporary[k] >= 0 ? static_cast<float*>(storage_pointer(planned.temporary[k])) : gradient_pointer(node.inputs[k]);
    }
    if (is_empty(node.output)) {
      for (size_t k = 0; k < node.inputs.size(); k++) {
        if (!planned.wanted[k] || planned.accumulate[k]) continue;
        ISOLENS_TRY(named(execution_->fill(context.dx[k], 0, specs_[node.inputs[k]].count())));
      }
      return Status::ok();
    }
    for (size_t k = 0; k < node.inputs.size(); k++) {
      if (planned.wanted[k] && overwrites(node.inputs[k], planned.temporary[k] >= 0)) context.accumulate[k] = false;
    }
    ISOLENS_TRY(execution_->backward(i, context));
    for (size_t k = 0; k < node.inputs.size(); k++) {
      if (planned.temporary[k] < 0) continue;
      ISOLENS_TRY(named(execution_->add(gradient_pointer(node.inputs[k]), context.dx[k], specs_[node.inputs[k]].count())));
    }
    return Status::ok();
  }

  Graph graph_;
  const ProgramOptions options_;
  ParameterStore& store_;
  ThreadPool& pool_;
  Plan plan_;
  int loss_ = -1;
  std::vector<size_t> parameter_index_;
  std::vector<float*> parameter_value_, parameter_grad_;
  std::vector<int64_t> capacity_;
  std::vector<TensorSpec> specs_;               // as bound, per value
  std::vector<std::vector<TensorSpec>> node_in_;  // as bound, per node
  const std::unique_ptr<Execution> execution_;
  std::vector<NodeTime> times_;
  bool bound_ = false, ran_forward_ = false, ran_backward_ = false, training_ = false;
  uint64_t step_ = 0;
};

}  // namespace

Expected<std::unique_ptr<Program>> make_program(const std::string& graph_json, const ProgramOptions& options,
                                                ParameterStore& store, ThreadPool& pool) try {
  Expected<Graph> graph = parse_graph(graph_json);
  if (!graph) return graph.status();
  auto program = std::make_unique<BoundProgram>(std::move(*graph), options, store, pool);
  Status status = program->prepare();
  if (!status.is_ok()) return status;
  return std::unique_ptr<Program>(std::move(program));
} catch (const std::bad_alloc&) {
  return Status(Code::kNativeFailed, "Out of memory while the graph was prepared.");
}

}  // namespace isolens
