// Times the rows of the operator table that are there for it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "case_program.h"
#include "op_tests.h"

namespace isolens {

namespace {

struct Times {
  double forward_ms = 0, backward_ms = 0;
};

// Best of several runs of the operator's own node.
Expected<Times> time_case(const OpCase& row, Precision precision, const std::shared_ptr<Backend>& backend, ThreadPool& pool) {
  const std::vector<CaseTensor> inputs = fill_inputs(row, 1);
  const std::unique_ptr<ParameterStore> store = make_parameter_store();
  // The shape of y is needed to weight it: a first, small program tells.
  ProgramOptions options;
  options.training = false;
  options.backend = backend;
  Shape y_shape;
  {
    const std::unique_ptr<ParameterStore> own = make_parameter_store();
    Expected<std::unique_ptr<Program>> shape_of = make_program(case_graph(row, inputs, {}, {}), options, *own, pool);
    if (!shape_of) return shape_of.status();
    ISOLENS_TRY(load_inputs(row, inputs, **shape_of, *own));
    ISOLENS_TRY((*shape_of)->forward(row.training, 1));
    Expected<TensorView> y = (*shape_of)->value("y");
    if (!y) return y.status();
    y_shape = y->shape;
  }
  options.training = true;
  options.loss = "loss";
  options.input_gradients = true;
  options.profile = true;
  options.precision = precision;
  Expected<std::unique_ptr<Program>> program = make_program(case_graph(row, inputs, y_shape, {true, true, false}), options, *store, pool);
  if (!program) return program.status();
  ISOLENS_TRY(load_inputs(row, inputs, **program, *store));
  Times best{1e30, 1e30}, before;
  const auto start = std::chrono::steady_clock::now();
  for (int run = 0; run < 20; run++) {
    ISOLENS_TRY((*program)->forward(true, 1));
    ISOLENS_TRY((*program)->backward(1));
    for (const NodeTime& node : (*program)->profile()) {
      if (node.name != "y") continue;
      best.forward_ms = std::min(best.forward_ms, node.forward_ms - before.forward_ms);
      best.backward_ms = std::min(best.backward_ms, node.backward_ms - before.backward_ms);
      before = {node.forward_ms, node.backward_ms};
    }
    if (run >= 2 && std::chrono::steady_clock::now() - start > std::chrono::milliseconds(500)) break;
  }
  return best;
}

void print_row(const OpCase& row, const char* precision, const Times& times) {
  std::printf("%-22s %-50s %-4s forward %8.2f ms  backward %8.2f ms", row.op.c_str(), row.label.c_str(), precision, times.forward_ms, times.backward_ms);
  if (row.flops > 0) {
    std::printf("  %6.1f and %6.1f GFLOP/s", row.flops / times.forward_ms * 1e-6, 2 * row.flops / times.backward_ms * 1e-6);
  } else {
    double bytes = 0;
    for (const CaseInput& input : row.inputs) bytes += 4.0 * static_cast<double>(element_count(input.shape));
    std::printf("  %6.1f GB/s of input", bytes / times.forward_ms * 1e-6);
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int run_op_benchmarks(const std::vector<std::string>& arguments, const std::shared_ptr<Backend>& backend) {
  ThreadPool pool(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  int failures = 0;
  for (const OpCase& row : all_op_cases()) {
    const std::string text = row.op + " " + row.label;
    const bool selected = std::all_of(arguments.begin(), arguments.end(), [&](const std::string& word) { return text.find(word) != std::string::npos; });
    if (row.reference != nullptr || !selected) continue;
    for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
      if (precision == Precision::kBf16 && (row.flops == 0 || (backend == nullptr && !has_bf16()))) continue;
      const Expected<Times> times = time_case(row, precision, backend, pool);
      if (times) {
        print_row(row, precision == Precision::kF32 ? "f32" : "bf16", *times);
      } else {
        std::printf("%-22s %-50s %s\n", row.op.c_str(), row.label.c_str(), times.status().message().c_str());
        failures++;
      }
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace isolens
