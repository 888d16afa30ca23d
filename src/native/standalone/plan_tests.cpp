// The memory plan changes where values lie and nothing else: random graphs run with every value kept apart and with memory
// shared must agree, at the capacity and below it.
#include <algorithm>
#include <cmath>

#include "../core/json.h"
#include "../core/rng.h"
#include "checks.h"

namespace isolens {

namespace {

Json list(const std::vector<std::string>& items) {
  Json json = Json::array();
  for (const std::string& item : items) json.push(item);
  return json;
}

Json parsed(const std::string& text) { return *Json::parse(text); }

// A graph of random operators over values (N, 6), in the habits of real ones: residuals, values read many times, views.
class RandomGraph {
 public:
  explicit RandomGraph(uint64_t seed) : rng_(seed) {}

  std::string text() {
    values_ = {"x", "x2"};
    add("MatMul", {"x", "w"}, "{}");
    const int steps = 6 + static_cast<int>(rng_.below(18));
    for (int i = 0; i < steps; i++) step();
    // Everything flows into the loss, so every value has several readers.
    std::string sum = values_.back();
    for (size_t i = 0; i < values_.size(); i++) {
      if (rng_.chance(0.5f)) sum = add("Add", {sum, values_[i]}, "{}");
    }
    sum = add("Mul", {sum, "w-row"}, "{}");
    nodes_.push(node("ReduceMean", "loss", {sum}, "{}"));
    Json graph = Json::object();
    graph.set("name", "random").set("symbols", list({"N"})).set("inputs", parsed(R"([{"name":"x","dtype":"f32","shape":["N",6]},{"name":"x2","dtype":"f32","shape":["N",6]}])"));
    graph.set("parameters", parsed(R"([
      {"name":"w","shape":[6,6],"init":{"kind":"normal","std":0.5},"decay":true,"trainable":true},
      {"name":"w-row","shape":[6],"init":{"kind":"uniform","bound":1},"decay":false,"trainable":true},
      {"name":"scale","shape":[6],"init":{"kind":"ones"},"decay":false,"trainable":true},
      {"name":"bias","shape":[6],"init":{"kind":"normal","std":0.1},"decay":false,"trainable":true},
      {"name":"mean","shape":[6],"init":{"kind":"zeros"},"decay":false,"trainable":false},
      {"name":"var","shape":[6],"init":{"kind":"ones"},"decay":false,"trainable":false}])"));
    graph.set("nodes", nodes_).set("outputs", list({"loss", values_[values_.size() / 2]}));
    return graph.dump();
  }
  const std::string& inner_output() const { return values_[values_.size() / 2]; }

 private:
  static Json node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs, const std::string& attributes) {
    Json json = Json::object();
    json.set("op", op).set("name", name).set("inputs", list(inputs)).set("outputs", list({name})).set("attributes", parsed(attributes));
    return json;
  }
  std::string add(const std::string& op, const std::vector<std::string>& inputs, const std::string& attributes) {
    const std::string name = "v" + std::to_string(values_.size());
    nodes_.push(node(op, name, inputs, attributes));
    values_.push_back(name);
    return name;
  }
  const std::string& any() { return rng_.chance(0.6f) ? values_.back() : values_[rng_.below(static_cast<uint32_t>(values_.size()))]; }

  void step() {
    const std::string a = any(), b = any();
    switch (rng_.below(16)) {
      case 0: add("Relu", {a}, "{}"); break;
      case 1: add("Tanh", {a}, "{}"); break;
      case 2: add("Gelu", {a}, "{}"); break;
      case 3: add("Add", {a, b}, "{}"); break;
      case 4: add("Relu", {add("Add", {a, b}, "{}")}, "{}"); break;
      case 5: add("Sub", {a, b}, "{}"); break;
      case 6: add("Mul", {a, add("Sigmoid", {b}, "{}")}, "{}"); break;
      case 7: add("BatchNormalization", {a, "scale", "bias", "mean", "var"}, "{}"); break;
      case 8: add("Relu", {add("BatchNormalization", {a, "scale", "bias", "mean", "var"}, "{}")}, "{}"); break;
      case 9: add("MatMul", {a, "w"}, "{}"); break;
      case 10: add("LayerNormalization", {a, "scale", "bias"}, "{}"); break;
      case 11: add("Identity", {a}, "{}"); break;
      case 12: add("Softmax", {a}, R"({"axis":-1})"); break;
      case 13: add("Dropout", {a}, R"({"rate":0.3})"); break;
      case 14: add("Add", {a, "w-row"}, "{}"); break;
      case 15: reshaped(a); break;
    }
  }
  // Through another shape and back; the value between is not (N, 6), so it is not offered to others.
  void reshaped(const std::string& a) {
    const std::string between = "between" + std::to_string(values_.size());
    nodes_.push(node("Reshape", between, {a}, R"({"shape":[-1,3,2]})"));
    const std::string turned = "turned" + std::to_string(values_.size());
    nodes_.push(rng_.chance(0.5f) ? node("Relu", turned, {between}, "{}") : node("Transpose", turned, {between}, R"({"perm":[0,2,1]})"));
    add("Reshape", {turned}, R"({"shape":[-1,6]})");
  }

  Rng rng_;
  Json nodes_ = Json::array();
  std::vector<std::string> values_;
};

struct Result {
  std::string failure;
  std::vector<float> numbers;  // loss, an inner output, gradients of parameters and inputs
  size_t memory = 0;
};

Result run_graph(const std::string& graph, const std::string& inner, int64_t capacity, int64_t size, bool keep_all, int threads, const std::shared_ptr<Backend>& backend) {
  Result result;
  ThreadPool pool(threads);
  const auto store = make_parameter_store();
  ProgramOptions options;
  options.capacity = {{"N", capacity}};
  options.seed = 3;
  options.loss = "loss";
  options.keep_all = keep_all;
  options.backend = backend;
  options.input_gradients = true;
  auto made = make_program(graph, options, *store, pool);
  if (!made) return {made.status().message(), {}, 0};
  Program& program = **made;
  result.memory = program.memory_bytes();
  // Again: what one pass leaves behind must not matter to the next. A device repeats the third as it captured the second.
  for (int pass = 0; pass < (backend == nullptr ? 2 : 3); pass++) {
    Status status = program.bind({{"N", size}});
    if (!status.is_ok()) return {status.message(), {}, 0};
    Rng rng(7);
    for (const char* name : {"x", "x2"}) {
      const TensorView view = *program.input(name);
      for (int64_t i = 0; i < view.count(); i++) view.f32()[i] = rng.normal();
    }
    store->zero_grad();
    status = program.forward(true, 5);
    if (status.is_ok()) status = program.backward(0.5f);
    if (!status.is_ok()) return {status.message(), {}, 0};
  }
  for (const char* name : {"loss", inner.c_str()}) {
    const TensorView view = *program.value(name);
    result.numbers.insert(result.numbers.end(), view.f32(), view.f32() + view.count());
  }
  for (const char* name : {"x", "x2"}) {
    const Expected<TensorView> view = program.input_gradient(name);
    if (view) result.numbers.insert(result.numbers.end(), view->f32(), view->f32() + view->count());
  }
  if (!store->download().is_ok()) return {"the gradients cannot be fetched", {}, 0};
  for (Parameter& parameter : store->all()) {
    parameter.settle_gradient();
    result.numbers.insert(result.numbers.end(), parameter.grad.begin(), parameter.grad.end());
  }
  return result;
}

// Joining operators changes the order in which gradients are added up, hence not bit by bit.
bool agree(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  double squares = 0;
  for (float each : a) squares += static_cast<double>(each) * each;
  const double typical = std::sqrt(squares / static_cast<double>(a.size())) + 1e-6;
  for (size_t i = 0; i < a.size(); i++) {
    if (!(std::fabs(a[i] - b[i]) <= 2e-4 * std::max<double>(std::fabs(a[i]), typical))) return false;
  }
  return true;
}

// A batch of 256 against a queue of 65,536: the logits alone would take 64 MiB, the rows 2 MiB.
void check_loss_memory(Checks* checks, const std::shared_ptr<Backend>& backend) {
  constexpr int64_t kPairs = 256, kQueue = 65536, kWidth = 8;
  const char* const graph = R"({"name":"queue","symbols":["N","K"],"inputs":[
    {"name":"a","dtype":"f32","shape":["N",8]},{"name":"b","dtype":"f32","shape":["N",8]},{"name":"more","dtype":"f32","shape":["K",8]}],
    "parameters":[{"name":"scale","shape":[],"init":{"kind":"ones"},"decay":false,"trainable":true}],
    "nodes":[{"op":"ContrastiveLoss","name":"loss","inputs":["a","b","scale","","","more"],"outputs":["loss"],"attributes":{"form":"rows"}}],
    "outputs":["loss"]})";
  ThreadPool pool(1);
  const auto store = make_parameter_store();
  ProgramOptions options;
  options.capacity = {{"N", kPairs}, {"K", kQueue}};
  options.loss = "loss";
  options.backend = backend;
  options.input_gradients = true;
  auto made = make_program(graph, options, *store, pool);
  checks->that(bool(made), "a loss over a queue: " + (made ? "" : made.status().message()));
  if (!made) return;
  Program& program = **made;
  // Rows, their gradients, one tile of logits.
  const size_t bound = static_cast<size_t>(4 * (kPairs + kQueue) * kWidth) * sizeof(float) + (size_t{12} << 20);
  const std::string received = std::to_string(program.memory_bytes()) + " of at most " + std::to_string(bound);
  checks->that(program.memory_bytes() < bound, "memory of a loss over a queue: " + received);
  if (backend != nullptr) return;  // may be emulated, hence slow
  Status status = program.bind({{"N", kPairs}, {"K", kQueue}});
  for (const char* name : {"a", "b", "more"}) {
    const TensorView view = *program.input(name);
    for (int64_t i = 0; i < view.count(); i++) view.f32()[i] = 1;
  }
  if (status.is_ok()) status = program.forward(true, 0);
  if (status.is_ok()) status = program.backward(1);
  checks->that(status.is_ok(), "a loss over a queue: " + status.message());
  const double loss = static_cast<double>(program.value("loss")->f32()[0]), wanted = std::log(static_cast<double>(kPairs + kQueue));
  checks->that(std::fabs(loss - wanted) < 1e-5 * wanted, "equal logits lose log(N + K): " + std::to_string(loss));
  const Expected<TensorView> gradient = program.input_gradient("more");
  const double share = 1 / static_cast<double>(kPairs + kQueue);
  const bool shared = gradient && std::fabs(static_cast<double>(gradient->f32()[0]) - share) < 1e-4 * share;
  checks->that(shared, "and every further column gets its share");
}

// Retrieval of a batch from itself: its weights alone would take 16 MiB at 2,048 rows and 256 MiB at 8,192.
void check_retrieval_memory(Checks* checks, const std::shared_ptr<Backend>& backend) {
  const char* const graph = R"({"name":"hopfield","symbols":["N"],"inputs":[{"name":"x","dtype":"f32","shape":["N",8]}],
    "parameters":[{"name":"scale","shape":[],"init":{"kind":"ones"},"decay":false,"trainable":true}],
    "nodes":[{"op":"SoftmaxRetrieval","name":"y","inputs":["x","x","scale"],"outputs":["y"],"attributes":{}},
             {"op":"Mul","name":"square","inputs":["y","y"],"outputs":["square"],"attributes":{}},
             {"op":"ReduceSum","name":"loss","inputs":["square"],"outputs":["loss"],"attributes":{"axes":[]}}],
    "outputs":["loss"]})";
  ThreadPool pool(2);
  const auto planned = [&](int64_t rows, double* loss, double* gradient) {
    const auto store = make_parameter_store();
    ProgramOptions options;
    options.capacity = {{"N", rows}};
    options.loss = "loss";
    options.backend = backend;
    options.input_gradients = true;
    auto made = make_program(graph, options, *store, pool);
    checks->that(bool(made), "retrieval: " + (made ? "" : made.status().message()));
    if (!made) return size_t{0};
    Program& program = **made;
    if (loss == nullptr) return program.memory_bytes();
    Status status = program.bind({{"N", rows}});
    const TensorView x = *program.input("x");
    for (int64_t i = 0; i < x.count(); i++) x.f32()[i] = 1;
    if (status.is_ok()) status = program.forward(true, 0);
    if (status.is_ok()) status = program.backward(1);
    checks->that(status.is_ok(), "retrieval: " + status.message());
    *loss = static_cast<double>(program.value("loss")->f32()[0]);
    *gradient = static_cast<double>(program.input_gradient("x")->f32()[0]);
    return program.memory_bytes();
  };
  const size_t few = planned(2048, nullptr, nullptr), many = planned(4096, nullptr, nullptr), most = planned(8192, nullptr, nullptr);
  const std::string received = std::to_string(few) + ", " + std::to_string(many) + ", " + std::to_string(most);
  // Tensors are placed at multiples of 256 bytes.
  checks->that(most - many < 2 * (many - few) + 8192, "memory of retrieval grows as the rows do: " + received);
  checks->that(most < (size_t{16} << 20), "and stays below the weights of a quarter of the rows: " + received);
  if (backend != nullptr) return;  // may be emulated, hence slow
  double loss = 0, gradient = 0;
  planned(8192, &loss, &gradient);
  checks->that(std::fabs(loss - 8 * 8192) < 1e-3, "equal rows retrieve themselves: " + std::to_string(loss));
  checks->that(std::fabs(gradient - 2) < 1e-3, "and each is moved by what it has given: " + std::to_string(gradient));
}

}  // namespace

void check_memory_plan(Checks* checks, const std::shared_ptr<Backend>& backend) {
  check_loss_memory(checks, backend);
  check_retrieval_memory(checks, backend);
  size_t apart = 0, shared = 0;
  // Devices may be emulated, hence slow.
  for (uint64_t seed = 1; seed <= (backend == nullptr ? 300 : 40); seed++) {
    RandomGraph random(seed);
    const std::string graph = random.text(), inner = random.inner_output();
    const auto run = [&](int64_t capacity, int64_t size, bool keep_all, int threads) { return run_graph(graph, inner, capacity, size, keep_all, threads, backend); };
    const Result kept = run(8, 8, true, 1);
    const Result planned = run(8, 8, false, 1);
    const std::string label = "random graph " + std::to_string(seed);
    checks->that(kept.failure.empty(), label + ": " + kept.failure);
    checks->that(planned.failure.empty() && agree(kept.numbers, planned.numbers), label + ": memory shared and apart agree " + planned.failure);
    const Result small = run(5, 5, false, 1);
    const Result below = run(13, 5, false, 1);
    checks->that(small.failure.empty() && small.numbers == below.numbers, label + ": sizes below the capacity agree " + below.failure);
    const Result again = run(8, 8, false, 3);
    checks->that(again.numbers == run(8, 8, false, 3).numbers, label + ": the same bits again");
    // Dropout draws other masks there.
    if (backend != nullptr && graph.find("Dropout") == std::string::npos) {
      checks->that(agree(run_graph(graph, inner, 8, 8, false, 1, nullptr).numbers, planned.numbers), label + ": the device and the processor agree");
    }
    apart += kept.memory;
    shared += planned.memory;
  }
  checks->that(shared < apart, "shared memory is smaller: " + std::to_string(shared) + " of " + std::to_string(apart));
}

}  // namespace isolens
