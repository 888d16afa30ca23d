// Rules after a step: on the processor against what they say, on a device against the processor.
#include <algorithm>
#include <cmath>

#include "../core/graph.h"
#include "../core/rng.h"
#include "../core/rules.h"
#include "checks.h"

namespace isolens {

namespace {

constexpr int64_t kRows = 4, kRing = 8, kWidth = 3;
constexpr float kMomentum = 0.75f;

const char* const kGraph = R"({"name":"states","symbols":["N"],"inputs":[{"name":"x","dtype":"f32","shape":["N",5]}],
  "parameters":[{"name":"w","shape":[3,5],"init":{"kind":"normal","std":1},"decay":true,"trainable":true},
                {"name":"bias","shape":[3],"init":{"kind":"constant","value":0.25},"decay":false,"trainable":true},
                {"name":"scale","shape":[],"init":{"kind":"constant","value":1},"decay":false,"trainable":true},
                {"name":"slow","shape":[3,5],"init":{"kind":"copy","of":"w"},"decay":false,"trainable":false},
                {"name":"ring","shape":[8,3],"init":{"kind":"unitRows"},"decay":false,"trainable":false},
                {"name":"centre","shape":[3],"init":{"kind":"zeros"},"decay":false,"trainable":false}],
  "nodes":[{"op":"Gemm","name":"h","inputs":["x","w"],"outputs":["h"],"attributes":{"transB":1}},
           {"op":"Add","name":"moved","inputs":["h","bias"],"outputs":["moved"],"attributes":{}},
           {"op":"Mul","name":"y","inputs":["moved","scale"],"outputs":["y"],"attributes":{}},
           {"op":"Gemm","name":"keys","inputs":["x","slow"],"outputs":["keys"],"attributes":{"transB":1}},
           {"op":"ReduceMean","name":"mean","inputs":["keys"],"outputs":["mean"],"attributes":{"axes":[0],"keepdims":0}},
           {"op":"Gemm","name":"logits","inputs":["y","ring"],"outputs":["logits"],"attributes":{"transB":1}},
           {"op":"Mul","name":"square","inputs":["logits","logits"],"outputs":["square"],"attributes":{}},
           {"op":"ReduceMean","name":"loss","inputs":["square"],"outputs":["loss"],"attributes":{"axes":[]}}],
  "outputs":["loss","keys","mean"],
  "rules":[{"rule":"freeze","parameter":"bias","until":2},{"rule":"clamp","parameter":"scale","min":0.96,"max":2},{"rule":"unitRows","parameter":"w"},
           {"rule":"average","parameter":"slow","of":"w","momentum":0.75},{"rule":"enqueue","parameter":"ring","from":"keys"},
           {"rule":"assign","parameter":"centre","from":"mean"}]})";

struct Run {
  explicit Run(const std::shared_ptr<Backend>& backend) : pool(1), store(make_parameter_store()) {
    ProgramOptions options;
    options.capacity = {{"N", kRows}};
    options.loss = "loss";
    options.seed = 11;
    options.backend = backend;
    Expected<std::unique_ptr<Program>> made = make_program(kGraph, options, *store, pool);
    if (made) program = std::move(*made);
    Expected<Graph> graph = parse_graph(kGraph);
    if (graph) rules = graph->rules;
  }

  Status step(int64_t step) {
    AdamWOptions adam;
    adam.learning_rate = 0.05f;
    ISOLENS_TRY(program->bind({{"N", kRows}}));
    const Expected<TensorView> x = program->input("x");
    if (!x) return x.status();
    Rng rng(static_cast<uint64_t>(step));
    for (int64_t i = 0; i < x->count(); i++) x->f32()[i] = rng.normal();
    store->zero_grad();
    ISOLENS_TRY(program->forward(true, static_cast<uint64_t>(step)));
    ISOLENS_TRY(program->backward(1));
    const bool on_device = store->mirror() != nullptr;
    if (on_device) ISOLENS_TRY(store->mirror()->step(adam, step));
    if (!on_device) adamw_step(*store, adam, step, pool);
    for (const Rule& rule : rules) {
      ISOLENS_TRY(rule.takes_value() ? program->take(rule, step) : on_device ? store->mirror()->apply(rule) : apply_rule(rule, *store));
    }
    return store->download();
  }

  const std::vector<float>& values(const char* name) { return store->find(name)->value; }

  ThreadPool pool;
  std::unique_ptr<ParameterStore> store;
  std::unique_ptr<Program> program;
  std::vector<Rule> rules;
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double worst = a.size() == b.size() ? 0 : INFINITY;
  for (size_t i = 0; i < a.size() && i < b.size(); i++) worst = std::max(worst, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return worst;
}

double farthest_from_unit(const std::vector<float>& rows, size_t width) {
  double worst = 0;
  for (size_t start = 0; start < rows.size(); start += width) {
    double squares = 0;
    for (size_t i = start; i < start + width; i++) squares += static_cast<double>(rows[i]) * static_cast<double>(rows[i]);
    worst = std::max(worst, std::fabs(std::sqrt(squares) - 1));
  }
  return worst;
}

}  // namespace

void check_rules(Checks* checks, const std::shared_ptr<Backend>& backend) {
  Run run(backend), here(nullptr);
  checks->that(run.program != nullptr && run.rules.size() == 6, "a graph with states and rules");
  if (run.program == nullptr || here.program == nullptr) return;
  checks->that(run.values("slow") == run.values("w"), "a copy starts as what it copies");
  checks->that(farthest_from_unit(run.values("ring"), kWidth) < 1e-6, "a ring starts with unit rows");
  for (int64_t step = 1; step <= 5; step++) {
    const std::vector<float> bias = run.values("bias"), slow = run.values("slow"), ring = run.values("ring");
    const Status status = run.step(step);
    checks->that(status.is_ok() && here.step(step).is_ok(), "a step with rules: " + status.message());
    checks->that((run.values("bias") == bias) == (step <= 2), "frozen up to its step, and no longer");
    checks->that(run.values("scale")[0] >= 0.96f, "clamped");
    checks->that(farthest_from_unit(run.values("w"), 5) < 1e-6, "rows of unit length");
    std::vector<float> expected = slow;
    for (size_t i = 0; i < expected.size(); i++) expected[i] = kMomentum * slow[i] + (1 - kMomentum) * run.values("w")[i];
    checks->that(largest_difference(run.values("slow"), expected) < 1e-6, "an average follows after the rules before it");
    const Expected<TensorView> keys = run.program->value("keys"), mean = run.program->value("mean");
    if (!keys || !mean) return checks->that(false, "values of the step are read");
    std::vector<float> expected_ring = ring;
    const auto first = static_cast<size_t>((step - 1) * kRows % kRing * kWidth);
    std::copy_n(keys->f32(), keys->count(), expected_ring.begin() + static_cast<std::ptrdiff_t>(first));
    checks->that(run.values("ring") == expected_ring, "the oldest rows are replaced, and no others");
    const Expected<TensorView> again = run.program->value("mean");
    checks->that(again && std::equal(run.values("centre").begin(), run.values("centre").end(), again->f32()), "a state takes what the batch gave");
  }
  double worst = 0;
  for (const char* name : {"w", "bias", "scale", "slow", "ring", "centre"}) worst = std::max(worst, largest_difference(run.values(name), here.values(name)));
  checks->that(worst < 5e-6, "states as on the processor: " + std::to_string(worst));
}

}  // namespace isolens
