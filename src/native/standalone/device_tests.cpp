// What only a device has: its own memory that may run out, its own optimiser step, data that a kernel refuses.
#include <algorithm>
#include <cmath>

#include "../core/execution.h"
#include "../core/rng.h"
#include "checks.h"

namespace isolens {

namespace {

const char* const kLinear = R"({"name":"linear","symbols":["N"],"inputs":[{"name":"x","dtype":"f32","shape":["N",5]}],
  "parameters":[{"name":"w","shape":[3,5],"init":{"kind":"normal","std":1},"decay":true,"trainable":true},
                {"name":"scale","shape":[],"init":{"kind":"constant","value":1},"decay":false,"trainable":true}],
  "nodes":[{"op":"Gemm","name":"h","inputs":["x","w"],"outputs":["h"],"attributes":{"transB":1}},
           {"op":"Mul","name":"y","inputs":["h","scale"],"outputs":["y"],"attributes":{}},
           {"op":"Mul","name":"square","inputs":["y","y"],"outputs":["square"],"attributes":{}},
           {"op":"ReduceMean","name":"loss","inputs":["square"],"outputs":["loss"],"attributes":{"axes":[]}}],"outputs":["loss"]})";

struct Run {
  explicit Run(const std::shared_ptr<Backend>& backend) : pool(1), store(make_parameter_store()) {
    ProgramOptions options;
    options.capacity = {{"N", 4}};
    options.loss = "loss";
    options.seed = 5;
    options.backend = backend;
    Expected<std::unique_ptr<Program>> made = make_program(kLinear, options, *store, pool);
    if (made) program = std::move(*made);
  }
  // x: normal numbers, the first of them `first` where that is not zero.
  Status step(int64_t step, const AdamWOptions& adam, float first) {
    ISOLENS_TRY(program->bind({{"N", 4}}));
    const Expected<TensorView> x = program->input("x");
    if (!x) return x.status();
    Rng rng(static_cast<uint64_t>(step));
    for (int64_t i = 0; i < x->count(); i++) x->f32()[i] = i == 0 && first != 0 ? first : rng.normal();
    store->zero_grad();
    ISOLENS_TRY(program->forward(true, static_cast<uint64_t>(step)));
    if (store->mirror() != nullptr) ISOLENS_TRY(program->record({"loss"}, 1.0f));
    ISOLENS_TRY(program->backward(1));
    if (store->mirror() != nullptr) return store->mirror()->step(adam, step);
    adamw_step(*store, adam, step, pool);
    return Status::ok();
  }
  ThreadPool pool;
  std::unique_ptr<ParameterStore> store;
  std::unique_ptr<Program> program;
};

void check_steps(Checks* checks, const std::shared_ptr<Backend>& backend) {
  Run here(nullptr), there(backend);
  checks->that(here.program != nullptr && there.program != nullptr, "a linear model on both");
  if (here.program == nullptr || there.program == nullptr) return;
  AdamWOptions adam;
  adam.learning_rate = 0.05f;
  adam.weight_decay = 0.2f;
  adam.clip_norm = 0.5f;
  double losses = 0, last = 0;
  for (int64_t step = 1; step <= 5; step++) {
    checks->that(here.step(step, adam, 0).is_ok(), "a step of the processor");
    last = here.program->value("loss")->f32()[0];
    losses += last;
    const Status status = there.step(step, adam, 0);
    checks->that(status.is_ok(), "a step of the device: " + status.message());
  }
  const Expected<StepNumbers> numbers = there.store->mirror()->take();
  checks->that(static_cast<bool>(numbers), "the numbers of five steps: " + numbers.status().message());
  if (!numbers) return;
  checks->that(numbers->steps == 5 && numbers->bad_step < 0, "five steps, all good");
  checks->that(std::fabs(numbers->sums[0] - losses) < 1e-5 * losses && std::fabs(numbers->last[0] - last) < 1e-5 * last, "losses are recorded on the device");
  checks->that(there.store->download().is_ok(), "weights are fetched");
  double worst = 0;
  for (const char* name : {"w", "scale"}) {
    const Parameter &a = *here.store->find(name), &b = *there.store->find(name);
    for (size_t i = 0; i < a.value.size(); i++) {
      worst = std::max<double>({worst, std::fabs(a.value[i] - b.value[i]), std::fabs(a.moment1[i] - b.moment1[i]), std::fabs(a.moment2[i] - b.moment2[i])});
    }
  }
  checks->that(worst < 2e-6, "AdamW with clipping and decay gives the processor's weights and moments: " + std::to_string(worst));

  // A step that is not finite changes nothing, nor does anything after it.
  checks->that(there.step(6, adam, 0).is_ok() && there.store->download().is_ok(), "one more step");
  Rule clamp;
  clamp.parameter = "scale";
  clamp.minimum = clamp.maximum = 0.5f;
  const std::vector<float> kept = there.store->find("w")->value;
  checks->that(there.step(7, adam, INFINITY).is_ok() && there.step(8, adam, 0).is_ok() && there.store->mirror()->apply(clamp).is_ok(), "steps around an infinite input");
  const Expected<StepNumbers> bad = there.store->mirror()->take();
  checks->that(bad && bad->bad_step == 7 && bad->bad_loss, "the bad step is known by its number");
  checks->that(there.store->download().is_ok() && there.store->find("w")->value == kept && there.store->find("scale")->value[0] != 0.5f, "nothing is updated from the bad step on");
}

void check_memory(Checks* checks, const std::shared_ptr<Backend>& backend) {
  ThreadPool pool(1);
  ProgramOptions options;
  options.loss = "loss";
  options.backend = backend;
  options.capacity = {{"N", int64_t{1} << 35}};
  const auto store = make_parameter_store();
  const auto huge = make_program(kLinear, options, *store, pool);
  checks->that(!huge && huge.status().code() == Code::kDeviceOutOfMemory, "memory that no device has: " + std::string(code_name(huge.status().code())));
  checks->refused(huge.status(), {"linear", "MiB of device memory", "activations", "Lower the batch size"}, "and says what to lower");
  AdamWOptions adam;
  Run after(backend);
  checks->that(after.program != nullptr && after.step(1, adam, 0).is_ok() && after.store->mirror()->take(), "the device works on after it ran out of memory");
}

void check_faults(Checks* checks, const std::shared_ptr<Backend>& backend) {
  const char* graph = R"({"name":"pick","symbols":[],"inputs":[{"name":"rows","dtype":"f32","shape":[4,3]},{"name":"index","dtype":"i32","shape":[5]}],"parameters":[],
    "nodes":[{"op":"Gather","name":"picked","inputs":["rows","index"],"outputs":["picked"],"attributes":{}}],"outputs":["picked"]})";
  ThreadPool pool(1);
  ProgramOptions options;
  options.training = false;
  options.backend = backend;
  const auto store = make_parameter_store();
  auto made = make_program(graph, options, *store, pool);
  checks->that(static_cast<bool>(made), "a graph that picks rows: " + made.status().message());
  if (!made) return;
  Program& program = **made;
  const auto run = [&](int32_t index) -> Status {
    ISOLENS_TRY(program.bind({}));
    const Expected<TensorView> rows = program.input("rows"), indices = program.input("index");
    std::fill_n(rows->f32(), 12, 1.0f);
    std::fill_n(indices->i32(), 5, 0);
    indices->i32()[3] = index;
    ISOLENS_TRY(program.forward(false, 0));
    const Expected<TensorView> picked = program.value("picked");
    return picked ? Status::ok() : picked.status();
  };
  checks->that(run(-4).is_ok(), "rows counted from the end");
  checks->refused(run(4), {"Node picked (Gather)", "4 rows", "received 4", "position 3"}, "an index out of range");
  checks->refused(run(-5), {"received -5"}, "an index below range");
  checks->that(run(3).is_ok(), "the device works on after data was refused");
}

}  // namespace

void check_device(Checks* checks, const std::shared_ptr<Backend>& backend) {
  check_steps(checks, backend);
  check_memory(checks, backend);
  check_faults(checks, backend);
  // Training there and here: the same losses to rounding.
  const auto here = make_parameter_store(), there = make_parameter_store();
  const std::vector<double> wanted = train_micro(1, 20, *here, nullptr, checks), received = train_micro(1, 20, *there, backend, checks);
  double worst = wanted.size() == received.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(wanted.size(), received.size()); i++) worst = std::max(worst, std::fabs(wanted[i] - received[i]) / wanted[i]);
  checks->that(worst < 1e-4, "20 steps of the small model have the processor's losses: " + std::to_string(worst));
}

}  // namespace isolens
