// Optimiser, running statistics, dropout, initial values, and a small model whose losses are known.
#include <algorithm>
#include <cmath>

#include "../core/rng.h"
#include "checks.h"

namespace isolens {

namespace {

Parameter parameter(const char* name, size_t count, bool decay, bool trainable) {
  Parameter made;
  made.name = name;
  made.shape = {static_cast<int64_t>(count)};
  made.decay = decay;
  made.trainable = trainable;
  made.value.resize(count);
  if (trainable) {
    made.grad.resize(count);
    made.moment1.assign(count, 0);
    made.moment2.assign(count, 0);
  }
  return made;
}

void check_adamw(Checks* checks) {
  ThreadPool pool(3);
  const auto store = make_parameter_store();
  store->all() = {parameter("a", 100003, true, true), parameter("b", 17, false, true), parameter("fixed", 5, false, false)};
  AdamWOptions options;
  options.learning_rate = 0.01f;
  options.weight_decay = 0.1f;
  options.clip_norm = 1.5f;
  Rng rng(1);
  for (Parameter& each : store->all()) {
    for (float& value : each.value) value = rng.normal();
  }
  struct Mirror {
    double value, m, v;
  };
  std::vector<std::vector<Mirror>> mirror;
  for (const Parameter& each : store->all()) {
    mirror.emplace_back();
    for (float value : each.value) mirror.back().push_back({value, 0, 0});
  }
  double worst = 0;
  for (int step = 1; step <= 4; step++) {
    double squares = 0;
    for (Parameter& each : store->all()) {
      for (float& grad : each.grad) {
        grad = 0.01f * rng.normal();
        squares += static_cast<double>(grad) * grad;
      }
    }
    const double norm = std::sqrt(squares), clip = std::min(1.0, options.clip_norm / norm);
    const float received = adamw_step(*store, options, step, pool);
    checks->that(std::fabs(received / norm - 1) < 1e-6, "AdamW reports the norm before clipping");
    for (size_t p = 0; p < 2; p++) {
      const Parameter& each = store->all()[p];
      for (size_t i = 0; i < each.value.size(); i++) {
        Mirror& r = mirror[p][i];
        const double g = each.grad[i] * clip;
        r.m = 0.9 * r.m + 0.1 * g;
        r.v = 0.999 * r.v + 0.001 * g * g;
        r.value -= 0.01 * (each.decay ? 0.1 * r.value : 0) + 0.01 * (r.m / (1 - std::pow(0.9, step))) / (std::sqrt(r.v / (1 - std::pow(0.999, step))) + 1e-8);
        worst = std::max(worst, std::fabs(r.value - each.value[i]));
      }
    }
  }
  checks->that(worst < 2e-6, "AdamW equals its f64 twin: " + std::to_string(worst));
  checks->that(store->all()[2].value[3] == static_cast<float>(mirror[2][3].value), "AdamW leaves running statistics alone");
  const std::vector<float> before = store->all()[0].value;
  store->all()[1].grad[3] = NAN;
  checks->that(!std::isfinite(adamw_step(*store, options, 5, pool)) && store->all()[0].value == before, "AdamW changes nothing where the norm is not finite");
}

const char* const kMicro = R"({"name":"micro","symbols":["N"],
 "inputs":[{"name":"x","dtype":"f32","shape":["N",8]},{"name":"z","dtype":"f32","shape":["N",8]}],
 "parameters":[
  {"name":"w1","shape":[16,8],"init":{"kind":"normal","std":0.5},"decay":true,"trainable":true},
  {"name":"b1","shape":[16],"init":{"kind":"zeros"},"decay":false,"trainable":true},
  {"name":"scale","shape":[16],"init":{"kind":"ones"},"decay":false,"trainable":true},
  {"name":"bias","shape":[16],"init":{"kind":"zeros"},"decay":false,"trainable":true},
  {"name":"mean","shape":[16],"init":{"kind":"zeros"},"decay":false,"trainable":false},
  {"name":"var","shape":[16],"init":{"kind":"ones"},"decay":false,"trainable":false},
  {"name":"w2","shape":[4,16],"init":{"kind":"normal","std":0.35},"decay":true,"trainable":true},
  {"name":"w3","shape":[4,8],"init":{"kind":"uniform","bound":0.6},"decay":true,"trainable":true},
  {"name":"logitScale","shape":[],"init":{"kind":"constant","value":1},"decay":false,"trainable":true}],
 "nodes":[
  {"op":"Gemm","name":"h1","inputs":["x","w1","b1"],"outputs":["h1"],"attributes":{"transB":1}},
  {"op":"BatchNormalization","name":"n1","inputs":["h1","scale","bias","mean","var"],"outputs":["n1"],"attributes":{"momentum":0.8}},
  {"op":"Relu","name":"r1","inputs":["n1"],"outputs":["r1"],"attributes":{}},
  {"op":"Gemm","name":"h2","inputs":["r1","w2"],"outputs":["h2"],"attributes":{"transB":1}},
  {"op":"L2Normalise","name":"a","inputs":["h2"],"outputs":["a"],"attributes":{}},
  {"op":"Gemm","name":"h3","inputs":["z","w3"],"outputs":["h3"],"attributes":{"transB":1}},
  {"op":"L2Normalise","name":"b","inputs":["h3"],"outputs":["b"],"attributes":{}},
  {"op":"Exp","name":"t","inputs":["logitScale"],"outputs":["t"],"attributes":{}},
  {"op":"Gemm","name":"cos","inputs":["a","b"],"outputs":["cos"],"attributes":{"transB":1}},
  {"op":"Mul","name":"logits","inputs":["cos","t"],"outputs":["logits"],"attributes":{}},
  {"op":"LogSoftmax","name":"p","inputs":["logits"],"outputs":["p"],"attributes":{"axis":1}},
  {"op":"Diagonal","name":"d","inputs":["p"],"outputs":["d"],"attributes":{}},
  {"op":"ReduceMean","name":"m","inputs":["d"],"outputs":["m"],"attributes":{"axes":[]}},
  {"op":"Neg","name":"loss","inputs":["m"],"outputs":["loss"],"attributes":{}}],
 "outputs":["loss","a","b"]})";

}  // namespace

std::vector<double> train_micro(int threads, int steps, ParameterStore& store, const std::shared_ptr<Backend>& backend, Checks* checks) {
  ThreadPool pool(threads);
  ProgramOptions options;
  options.capacity = {{"N", 16}};
  options.seed = 11;
  options.loss = "loss";
  options.backend = backend;
  auto program = make_program(kMicro, options, store, pool);
  checks->that(static_cast<bool>(program), "the small model: " + program.status().message());
  if (!program) return {};
  Rng rng(4);
  for (const char* name : {"x", "z"}) {
    const TensorView view = *(*program)->input(name);
    for (int64_t i = 0; i < view.count(); i++) view.f32()[i] = rng.normal();
  }
  AdamWOptions adam;
  adam.learning_rate = 0.02f;
  adam.clip_norm = 1;
  std::vector<double> losses;
  for (int step = 1; step <= steps; step++) {
    store.zero_grad();
    const Status forward = (*program)->forward(true, static_cast<uint64_t>(step));
    const Status backward = (*program)->backward(1);
    checks->that(forward.is_ok() && backward.is_ok(), "a step of the small model: " + forward.message() + backward.message());
    losses.push_back((*program)->value("loss")->f32()[0]);
    adamw_step(store, adam, step, pool);
  }
  checks->that(store.download().is_ok(), "the weights of the small model");
  return losses;
}

namespace {

void check_micro_model(Checks* checks, const std::shared_ptr<Backend>& backend) {
  // Stored losses: steps 1, 10 and 60.
  const double stored[3] = {3.354669, 1.636795, 0.124501};
  const auto store = make_parameter_store(), second = make_parameter_store();
  const std::vector<double> losses = train_micro(2, 60, *store, backend, checks);
  if (losses.size() != 60) return;
  const double received[3] = {losses[0], losses[9], losses[59]};
  for (int i = 0; i < 3; i++) {
    checks->that(std::fabs(received[i] - stored[i]) < 2e-3 * stored[i], "loss " + std::to_string(received[i]) + " is the stored " + std::to_string(stored[i]));
  }
  checks->that(losses == train_micro(2, 60, *second, backend, checks), "training again gives the same bits");
  checks->that(store->find("w1")->value == second->find("w1")->value, "and the same weights");

  // Evaluation shares the store and uses running statistics: it changes nothing and does not depend on the batch.
  ThreadPool pool(2);
  ProgramOptions options;
  options.training = false;
  options.backend = backend;
  options.capacity = {{"N", 16}};
  auto program = make_program(kMicro, options, *store, pool);
  checks->that(static_cast<bool>(program), "evaluation program: " + program.status().message());
  if (!program) return;
  const std::vector<float> mean = store->find("mean")->value;
  checks->that(mean[0] != 0, "training moved the running mean");
  const auto embed = [&](int64_t n) {
    checks->that((*program)->bind({{"N", n}}).is_ok(), "bind");
    Rng rng(9);
    const TensorView x = *(*program)->input("x");
    for (int64_t i = 0; i < x.count(); i++) x.f32()[i] = rng.normal();
    const TensorView z = *(*program)->input("z");
    for (int64_t i = 0; i < z.count(); i++) z.f32()[i] = 1;
    checks->that((*program)->forward(false, 0).is_ok(), "evaluation");
    const TensorView a = *(*program)->value("a");
    return std::vector<float>(a.f32(), a.f32() + 4);
  };
  const std::vector<float> one = embed(1), many = embed(16);
  double difference = 0;
  for (int i = 0; i < 4; i++) difference = std::max<double>(difference, std::fabs(one[i] - many[i]));
  checks->that(difference < 1e-6, "a batch gives what singles give");
  checks->that(store->download().is_ok() && store->find("mean")->value == mean, "evaluation leaves running statistics alone");
}

void check_running_statistics(Checks* checks, const std::shared_ptr<Backend>& backend) {
  const char* graph = R"({"name":"norm","symbols":[],"inputs":[{"name":"x","dtype":"f32","shape":[4,1]}],"parameters":[
    {"name":"s","shape":[1],"init":{"kind":"ones"},"decay":false,"trainable":true},{"name":"b","shape":[1],"init":{"kind":"zeros"},"decay":false,"trainable":true},
    {"name":"m","shape":[1],"init":{"kind":"constant","value":2},"decay":false,"trainable":false},{"name":"v","shape":[1],"init":{"kind":"ones"},"decay":false,"trainable":false}],
    "nodes":[{"op":"BatchNormalization","name":"y","inputs":["x","s","b","m","v"],"outputs":["y"],"attributes":{"momentum":0.75}}],"outputs":["y"]})";
  ThreadPool pool(1);
  const auto store = make_parameter_store();
  ProgramOptions options;
  options.training = false;
  options.backend = backend;
  auto program = make_program(graph, options, *store, pool);
  checks->that(static_cast<bool>(program), "batch normalisation alone: " + program.status().message());
  if (!program) return;
  const float values[4] = {1, 3, 5, 7};  // mean 4, variance 5
  std::copy(values, values + 4, (*program)->input("x")->f32());
  checks->that((*program)->forward(true, 0).is_ok() && store->download().is_ok(), "batch normalisation runs");
  checks->that(store->find("m")->value[0] == 2.5f && store->find("v")->value[0] == 2.0f, "running statistics: 0.75 old + 0.25 batch, variance not corrected");
}

void check_dropout(Checks* checks, const std::shared_ptr<Backend>& backend) {
  const char* graph = R"({"name":"drop","symbols":[],"inputs":[{"name":"x","dtype":"f32","shape":[50,400]}],"parameters":[],
    "nodes":[{"op":"Dropout","name":"y","inputs":["x"],"outputs":["y"],"attributes":{"rate":0.25}},
             {"op":"ReduceSum","name":"loss","inputs":["y"],"outputs":["loss"],"attributes":{}}],"outputs":["y","loss"]})";
  ThreadPool pool(2);
  const auto store = make_parameter_store();
  ProgramOptions options;
  options.loss = "loss";
  options.input_gradients = true;
  options.backend = backend;
  auto program = make_program(graph, options, *store, pool);
  checks->that(static_cast<bool>(program), "dropout alone: " + program.status().message());
  if (!program) return;
  const TensorView x = *(*program)->input("x");
  std::fill_n(x.f32(), x.count(), 1.0f);
  const auto run = [&](uint64_t step) {
    checks->that((*program)->forward(true, step).is_ok() && (*program)->backward(1).is_ok(), "dropout runs");
    const TensorView y = *(*program)->value("y");
    return std::vector<float>(y.f32(), y.f32() + y.count());
  };
  const std::vector<float> first = run(1);
  const TensorView gradient = *(*program)->input_gradient("x");
  int zeros = 0;
  bool scaled = true, same_mask = true;
  for (size_t i = 0; i < first.size(); i++) {
    zeros += first[i] == 0;
    scaled = scaled && (first[i] == 0 || std::fabs(first[i] - 4.0f / 3) < 1e-6f);
    same_mask = same_mask && gradient.f32()[i] == first[i];
  }
  checks->that(std::abs(zeros - 5000) < 300, "dropout drops a quarter: " + std::to_string(zeros) + " of 20000");
  checks->that(scaled && same_mask, "dropout scales the rest and gives backward the same mask");
  checks->that(run(2) != first && run(1) == first, "the mask depends on the step alone");
}

void check_initial_values(Checks* checks) {
  const auto make = [&](const char* parameters, uint64_t seed) {
    auto store = make_parameter_store();
    ThreadPool pool(1);
    ProgramOptions options;
    options.training = false;
    options.seed = seed;
    const std::string graph = std::string(R"({"name":"init","symbols":[],"inputs":[],"parameters":)") + parameters + R"(,"nodes":[],"outputs":[]})";
    checks->that(static_cast<bool>(make_program(graph, options, *store, pool)), "a graph of parameters");
    return store;
  };
  const std::string a = R"({"name":"a","shape":[300,40],"init":{"kind":"normal","std":0.5},"decay":true,"trainable":true})";
  const std::string b = R"({"name":"b","shape":[40],"init":{"kind":"uniform","bound":2},"decay":true,"trainable":true})";
  const auto first = make(("[" + a + "," + b + "]").c_str(), 1), turned = make(("[" + b + "," + a + "]").c_str(), 1), other = make(("[" + a + "," + b + "]").c_str(), 2);
  checks->that(first->find("a")->value == turned->find("a")->value && first->find("b")->value == turned->find("b")->value, "initial values do not depend on the order of parameters");
  checks->that(first->find("a")->value != other->find("a")->value, "initial values depend on the seed");
  double sum = 0, squares = 0, largest = 0;
  for (float value : first->find("a")->value) {
    sum += value / 12000;
    squares += value * value / 12000;
  }
  for (float value : first->find("b")->value) largest = std::max<double>(largest, std::fabs(value));
  checks->that(std::fabs(sum) < 0.02 && std::fabs(std::sqrt(squares) - 0.5) < 0.02 && largest <= 2 && largest > 1.5, "normal and uniform initial values");
}

}  // namespace

void check_training(Checks* checks, const std::shared_ptr<Backend>& backend) {
  check_micro_model(checks, backend);
  check_running_statistics(checks, backend);
  check_dropout(checks, backend);
  if (backend != nullptr) return;
  check_adamw(checks);
  check_initial_values(checks);
}

}  // namespace isolens
