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

const char* const kGraph = R"({"name":"states","symbols":["N"],"inputs":[{"name":"x","dtype":"f32","shape":["N",5]},{"name":"place","dtype":"i32","shape":["N"]}],
  "parameters":[{"name":"w","shape":[3,5],"init":{"kind":"normal","std":1},"decay":true,"trainable":true},
                {"name":"bias","shape":[3],"init":{"kind":"constant","value":0.25},"decay":false,"trainable":true},
                {"name":"scale","shape":[],"init":{"kind":"constant","value":1},"decay":false,"trainable":true},
                {"name":"slow","shape":[3,5],"init":{"kind":"copy","of":"w"},"decay":false,"trainable":false},
                {"name":"ring","shape":[8,3],"init":{"kind":"unitRows"},"decay":false,"trainable":false},
                {"name":"bank","shape":[6,3],"init":{"kind":"unitRows"},"decay":false,"trainable":false},
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
           {"rule":"scatterRows","parameter":"bank","from":"keys","rows":"place"},{"rule":"assign","parameter":"centre","from":"mean"}]})";

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

  Status step(int64_t step, const std::vector<int32_t>& places) {
    AdamWOptions adam;
    adam.learning_rate = 0.05f;
    ISOLENS_TRY(program->bind({{"N", kRows}}));
    const Expected<TensorView> x = program->input("x");
    if (!x) return x.status();
    Rng rng(static_cast<uint64_t>(step));
    for (int64_t i = 0; i < x->count(); i++) x->f32()[i] = rng.normal();
    const Expected<TensorView> place = program->input("place");
    if (!place) return place.status();
    std::copy(places.begin(), places.end(), place->i32());
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

// Of equal places the last counts; so too where they are far apart.
std::vector<int32_t> places_of(int64_t step) {
  return step % 2 == 1 ? std::vector<int32_t>{5, 1, 5, 0} : std::vector<int32_t>{static_cast<int32_t>(step % 6), 3, 3, 3};
}

// The places are an input that no operator reads.
void check_bank(Checks* checks, Run& run, const std::vector<float>& before, const std::vector<int32_t>& places) {
  const Expected<TensorView> keys = run.program->value("keys");
  if (!keys) return checks->that(false, "values of the step are read");
  std::vector<float> expected = before;
  for (size_t i = 0; i < places.size(); i++) std::copy_n(keys->f32() + i * kWidth, kWidth, expected.begin() + places[i] * kWidth);
  checks->that(run.values("bank") == expected, "a bank's rows are replaced where they are named, by the last that names them, and no others");
}

// A row that the bank does not have: refused as a whole here, left out on a device.
void check_outside(Checks* checks, const std::shared_ptr<Backend>& backend) {
  for (const int32_t outside : {-1, 6, 2147483647}) {
    Run run(backend);
    const std::vector<float> before = run.values("bank");
    const Status status = run.step(1, {2, outside, 4, 2});
    if (backend == nullptr) {
      checks->that(status.code() == Code::kDatasetInvalid && status.message().find(std::to_string(outside) + " at position 1") != std::string::npos, "a row outside is refused: " + status.message());
      checks->that(run.values("bank") == before, "and nothing is written");
      continue;
    }
    checks->that(status.is_ok(), "a row outside, on a device: " + status.message());
    const Expected<TensorView> keys = run.program->value("keys");
    if (!keys) return checks->that(false, "values of the step are read");
    std::vector<float> expected = before;
    std::copy_n(keys->f32() + 3 * kWidth, kWidth, expected.begin() + 2 * kWidth);
    std::copy_n(keys->f32() + 2 * kWidth, kWidth, expected.begin() + 4 * kWidth);
    checks->that(run.values("bank") == expected, "is left out, and the others are written");
  }
}

// What the reader of graphs refuses of a rule.
void check_broken_rules(Checks* checks) {
  const std::pair<const char*, const char*> broken[] = {{R"("rows":"place")", R"("rows":"zz")"}, {R"("rows":"place")", R"("rows":"x")"}, {R"("rows":"place")", R"("rows":"slow")"},
                                                        {R"("parameter":"bank")", R"("parameter":"centre")"}, {R"("parameter":"bank")", R"("parameter":"w")"},
                                                        {R"("parameter":"bank","from":"keys")", R"("parameter":"bank","from":"h")"}};
  for (const auto& [from, to] : broken) {
    std::string text = kGraph;
    text.replace(text.find(from), std::string(from).size(), to);
    const Expected<Graph> graph = parse_graph(text);
    checks->that(!graph && graph.status().code() == Code::kGraphInvalid, std::string("refused: ") + to);
  }
}

}  // namespace

void check_rules(Checks* checks, const std::shared_ptr<Backend>& backend) {
  check_outside(checks, backend);
  if (backend == nullptr) check_broken_rules(checks);
  Run run(backend), here(nullptr);
  checks->that(run.program != nullptr && run.rules.size() == 7, "a graph with states and rules");
  if (run.program == nullptr || here.program == nullptr) return;
  checks->that(run.values("slow") == run.values("w"), "a copy starts as what it copies");
  checks->that(farthest_from_unit(run.values("ring"), kWidth) < 1e-6, "a ring starts with unit rows");
  for (int64_t step = 1; step <= 5; step++) {
    const std::vector<float> bias = run.values("bias"), slow = run.values("slow"), ring = run.values("ring"), bank = run.values("bank");
    const std::vector<int32_t> places = places_of(step);
    const Status status = run.step(step, places);
    checks->that(status.is_ok() && here.step(step, places).is_ok(), "a step with rules: " + status.message());
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
    check_bank(checks, run, bank, places);
    const Expected<TensorView> again = run.program->value("mean");
    checks->that(again && std::equal(run.values("centre").begin(), run.values("centre").end(), again->f32()), "a state takes what the batch gave");
  }
  double worst = 0;
  for (const char* name : {"w", "bias", "scale", "slow", "ring", "bank", "centre"}) worst = std::max(worst, largest_difference(run.values(name), here.values(name)));
  checks->that(worst < 5e-6, "states as on the processor: " + std::to_string(worst));
}

}  // namespace isolens
