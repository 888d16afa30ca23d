// Times whole training steps (forward, backward, AdamW) of a graph on inputs made up here: what the engine does, without feeds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "../core/execution.h"
#include "../core/rng.h"
#include "../feeds/batcher.h"
#include "op_tests.h"

namespace isolens {

namespace {

// Of molecules as they come: heavy atoms, and bonds in both directions.
constexpr int64_t kAtoms = 25, kBonds = 54;

using Clock = std::chrono::steady_clock;
double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

bool ends_with(const std::string& text, const char* end) {
  const std::string tail = end;
  return text.size() >= tail.size() && text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

// Numbers that the graph accepts: atoms of a molecule are bonded among themselves, categories are the first two.
void fill(const std::string& name, const TensorView& view) {
  Rng rng(1, static_cast<uint64_t>(name.size()));
  if (view.dtype == DType::kF32) {
    // Sparse like fingerprints and ink.
    for (int64_t i = 0; i < view.count(); i++) view.f32()[i] = ends_with(name, ".counts") ? static_cast<float>(kAtoms) : rng.chance(0.05f) ? 1.0f : 0.0f;
    return;
  }
  for (int64_t i = 0; i < view.count(); i++) {
    if (ends_with(name, ".begin") || ends_with(name, ".end")) {
      view.i32()[i] = static_cast<int32_t>(i / kBonds * kAtoms + rng.below(static_cast<uint32_t>(kAtoms)));
    } else if (ends_with(name, ".segment")) {
      view.i32()[i] = static_cast<int32_t>(i / kAtoms);
    } else {
      view.i32()[i] = static_cast<int32_t>(rng.below(2));
    }
  }
}

struct Bench {
  std::string path;
  int64_t batch = 1024, steps = 30;
  Precision precision = Precision::kBf16;
};

Status run(const Bench& bench, const std::shared_ptr<Backend>& backend, Json* result) {
  std::ifstream file(bench.path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return {Code::kArgumentInvalid, "Expected a graph at " + bench.path + " but it cannot be read."};
  Expected<Json> json = Json::parse(text.str());
  if (!json) return json.status();
  const Json& graph = (*json)["graph"];
  Expected<GraphInputs> inputs = read_graph_inputs(graph);
  if (!inputs) return inputs.status();
  ThreadPool pool(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  const auto store = make_parameter_store();
  ProgramOptions options;
  options.capacity = {{"N", bench.batch}, {"V", bench.batch * kAtoms}, {"E", bench.batch * kBonds}};
  options.precision = bench.precision;
  options.loss = (*json)["loss"].as_string();
  options.seed = 1;
  options.backend = backend;
  Expected<std::unique_ptr<Program>> made = make_program(graph.dump(), options, *store, pool);
  if (!made) return made.status();
  Program& program = **made;
  AdamWOptions adam;
  adam.clip_norm = 1;
  std::vector<double> times;
  double first_loss = 0, last_loss = 0;
  for (int64_t step = 1; step <= bench.steps + 5; step++) {
    const Clock::time_point start = Clock::now();
    if (step <= 2) {  // both places that inputs travel through
      ISOLENS_TRY(program.bind(options.capacity));
      for (const DeclaredInput& input : inputs->declared) {
        const Expected<TensorView> view = program.input(input.name);
        if (!view) return view.status();
        fill(input.name, *view);
      }
    }
    store->zero_grad();
    ISOLENS_TRY(program.forward(true, static_cast<uint64_t>(step)));
    ISOLENS_TRY(program.backward(1));
    if (backend != nullptr) {
      ISOLENS_TRY(store->mirror()->step(adam, step));
    } else {
      adamw_step(*store, adam, step, pool);
    }
    // A value waits for the device; only at the ends of the timed stretch, as training does.
    if (step == 5 || step == bench.steps + 5) {
      const Expected<TensorView> loss = program.value(options.loss);
      if (!loss) return loss.status();
      (step == 5 ? first_loss : last_loss) = static_cast<double>(loss->f32()[0]);
    }
    if (step > 5) times.push_back(ms_since(start));
  }
  double total = 0;
  for (double each : times) total += each;
  const double ms = total / static_cast<double>(times.size());
  *result = Json::object({{"name", "training step of " + graph["name"].as_string()},
                          {"batch", bench.batch},
                          {"precision", bench.precision == Precision::kBf16 ? "bf16" : "f32"},
                          {"device", backend == nullptr ? "cpu" : backend->description()},
                          {"steps", bench.steps},
                          {"msPerStep", ms},
                          {"samplesPerSecond", 1e3 * static_cast<double>(bench.batch) / ms},
                          {"memoryMiB", static_cast<double>(program.memory_bytes()) / 1048576},
                          {"firstLoss", first_loss},
                          {"lastLoss", last_loss}});
  return Status::ok();
}

}  // namespace

int run_step_benchmark(const std::vector<std::string>& arguments, const std::shared_ptr<Backend>& backend) {
  Bench bench;
  for (size_t i = 0; i < arguments.size(); i++) {
    const bool more = i + 1 < arguments.size();
    if (arguments[i] == "--batch" && more) {
      bench.batch = std::max<int64_t>(2, std::strtoll(arguments[++i].c_str(), nullptr, 10));
    } else if (arguments[i] == "--steps" && more) {
      bench.steps = std::max<int64_t>(1, std::strtoll(arguments[++i].c_str(), nullptr, 10));
    } else if (arguments[i] == "--f32") {
      bench.precision = Precision::kF32;
    } else {
      bench.path = arguments[i];
    }
  }
  Json result;
  const Status status = run(bench, backend, &result);
  if (!status.is_ok()) {
    std::fprintf(stderr, "%s: %s\n", code_name(status.code()), status.message().c_str());
    return 1;
  }
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace isolens
