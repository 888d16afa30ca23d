#include "op_tests.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../core/rng.h"
#include "case_program.h"

namespace isolens {

namespace {

constexpr uint64_t kSeed = 20240;
constexpr int kSampledElements = 48;  // finite differences per input

bool selected(const OpCase& row, const std::vector<std::string>& words) {
  const std::string text = row.op + " " + row.label;
  return std::all_of(words.begin(), words.end(), [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

double root_mean_square(const std::vector<double>& values) {
  double squares = 0;
  for (double value : values) squares += value * value;
  return values.empty() ? 0 : std::sqrt(squares / static_cast<double>(values.size()));
}

// Largest difference relative to the larger of the wanted element and the root mean square of all.
double largest_error(const std::vector<double>& wanted, const std::vector<double>& received, double floor) {
  const double typical = std::max(root_mean_square(wanted), floor);
  double worst = wanted.size() == received.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(wanted.size(), received.size()); i++) {
    const double error = std::fabs(wanted[i] - received[i]) / std::max(std::fabs(wanted[i]), typical);
    worst = error <= worst ? worst : error;  // NaN is the worst
    if (std::isnan(error)) return INFINITY;
  }
  return worst;
}

struct Outcome {
  std::string failure;  // "" where there is none
  double forward_error = 0, gradient_error = 0;
};

class CaseRun {
 public:
  CaseRun(const OpCase& row, const std::shared_ptr<Backend>& backend, bool compares)
      : row_(row), backend_(backend), compares_(compares), inputs_(fill_inputs(row, kSeed)), sampled_(inputs_.size()), wanted_(inputs_.size()) {}

  Outcome run() {
    forward();
    if (outcome_.failure.empty() && row_.gradient) {
      if (compares_) {
        differences();
        gradient({true, false, false}, true, 1);
      }
      gradient({true, true, false}, false, 3);
      gradient({true, true, true}, false, 2);
    }
    return outcome_;
  }

 private:
  void fail(const std::string& text) {
    if (outcome_.failure.empty()) outcome_.failure = text;
  }

  std::unique_ptr<Program> make(const CaseGraph& options, bool keep_all, ThreadPool& pool, ParameterStore& store) {
    ProgramOptions program_options;
    program_options.training = options.gradient;
    program_options.loss = options.gradient ? "loss" : "";
    program_options.keep_all = keep_all;
    program_options.backend = backend_;
    program_options.input_gradients = options.gradient;
    Expected<std::unique_ptr<Program>> program = make_program(case_graph(row_, inputs_, y_.shape, options), program_options, store, pool);
    if (!program) {
      fail(program.status().message());
      return nullptr;
    }
    Status status = load_inputs(row_, inputs_, **program, store);
    if (status.is_ok() && options.gradient) {
      Expected<TensorView> weight = (*program)->input("weight");
      if (weight) std::copy(weight_.begin(), weight_.end(), weight->f32());
    }
    if (status.is_ok()) status = (*program)->forward(row_.training, 1);
    if (!status.is_ok()) {
      fail(status.message());
      return nullptr;
    }
    return std::move(*program);
  }

  void forward() {
    for (const bool isolate : {false, true}) {
      if (isolate && !compares_) break;
      ThreadPool pool(isolate ? 3 : 1);
      const std::unique_ptr<ParameterStore> store = make_parameter_store();
      const std::unique_ptr<Program> program = make({false, isolate, false}, false, pool, *store);
      if (program == nullptr) return;
      Expected<TensorView> y = program->value("y");
      if (!y) return fail(y.status().message());
      if (y_.data.empty()) {
        y_.shape = y->shape;
        row_.reference(inputs_, *Json::parse(row_.attributes), &y_);
      }
      const std::vector<double> received(y->f32(), y->f32() + y->count());
      outcome_.forward_error = std::max(outcome_.forward_error, largest_error(y_.data, received, 1e-30));
    }
    if (!(outcome_.forward_error <= row_.tolerance)) fail("forward differs from the reference");
    Rng rng(kSeed, 1000);
    for (size_t i = 0; i < y_.data.size(); i++) weight_.push_back(rng.normal());
  }

  double loss() const {
    CaseTensor y;
    y.shape = y_.shape;
    row_.reference(inputs_, *Json::parse(row_.attributes), &y);
    double total = 0;
    for (size_t i = 0; i < y.data.size(); i++) total += y.data[i] * weight_[i];
    return total;
  }

  bool differentiable(size_t i) const {
    const CaseInput& input = row_.inputs[i];
    return input.present && input.fill != CaseInput::Fill::kIndex && (!input.parameter || input.trainable);
  }

  // Central differences of the f64 reference at a sample of every input's elements.
  void differences() {
    for (size_t k = 0; k < inputs_.size(); k++) {
      if (!differentiable(k)) continue;
      std::vector<double>& data = inputs_[k].data;
      Rng rng(kSeed, 2000 + k);
      const bool all = data.size() <= kSampledElements;
      for (int s = 0; s < std::min<int>(kSampledElements, static_cast<int>(data.size())); s++) {
        const size_t at = all ? static_cast<size_t>(s) : rng.below(static_cast<uint32_t>(data.size()));
        const double kept = data[at], step = 1e-4 * std::max(1.0, std::fabs(kept) * 0.1);
        data[at] = kept + step;
        const double above = loss();
        data[at] = kept - step;
        const double below = loss();
        data[at] = kept;
        sampled_[k].push_back(at);
        wanted_[k].push_back((above - below) / (2 * step));
      }
    }
  }

  void gradient(const CaseGraph& options, bool keep_all, int threads) {
    ThreadPool pool(threads);
    const std::unique_ptr<ParameterStore> store = make_parameter_store();
    const std::unique_ptr<Program> program = make(options, keep_all, pool, *store);
    if (program == nullptr) return;
    store->zero_grad();
    // Inputs that no gradient reaches, e.g. `like` of SegmentSum, have none to read; their differences must be zero.
    const Status status = program->backward(options.twice ? 0.5f : 1.0f);
    const Status fetched = status.is_ok() ? store->download() : status;
    if (!fetched.is_ok()) return fail(fetched.message());
    for (size_t k = 0; k < inputs_.size(); k++) {
      if (!differentiable(k)) continue;
      std::vector<double> received;
      const float* data = nullptr;
      if (row_.inputs[k].parameter) {
        store->find(input_name(k))->settle_gradient();
        data = store->find(input_name(k))->grad.data();
      } else {
        Expected<TensorView> view = program->input_gradient(input_name(k));
        if (view) data = view->f32();
      }
      for (size_t at : sampled_[k]) received.push_back(data == nullptr ? 0.0 : data[at]);
      const double error = largest_error(wanted_[k], received, 1e-4);
      outcome_.gradient_error = std::max(outcome_.gradient_error, error);
      if (!(error <= row_.gradient_tolerance)) {
        fail("gradient of input " + std::to_string(k) + (keep_all ? "" : options.twice ? " (added up)" : " (memory reused)") + " differs from finite differences");
      }
    }
  }

  OpCase row_;
  const std::shared_ptr<Backend> backend_;
  const bool compares_;
  std::vector<CaseTensor> inputs_;
  CaseTensor y_;
  std::vector<double> weight_;
  std::vector<std::vector<size_t>> sampled_;
  std::vector<std::vector<double>> wanted_;
  Outcome outcome_;
};

// Operators without a row are untested: that is a failure too.
int count_untested(const OpCases& cases) {
  int untested = 0;
  for (const OpEntry& entry : all_ops()) {
    const bool found = std::any_of(cases.begin(), cases.end(), [&](const OpCase& row) { return row.op == entry.name && row.reference != nullptr; });
    if (found) continue;
    std::printf("FAIL %s: expected at least one row of the operator table but received none\n", entry.name);
    untested++;
  }
  return untested;
}

}  // namespace

int run_op_tests(std::vector<std::string> arguments, const std::shared_ptr<Backend>& backend) {
  if (arguments == std::vector<std::string>{"program"}) return run_program_tests(backend) == 0 ? 0 : 1;
  const auto memory = std::find(arguments.begin(), arguments.end(), "--memory");
  const bool compares = memory == arguments.end();
  if (!compares) arguments.erase(memory);
  const OpCases cases = all_op_cases();
  int failures = count_untested(cases), run = 0;
  for (const OpCase& row : cases) {
    if (row.reference == nullptr || !selected(row, arguments)) continue;
    const Outcome outcome = CaseRun(row, backend, compares).run();
    run++;
    if (!outcome.failure.empty()) failures++;
    std::printf("%-4s %-22s %-58s forward %.1e", outcome.failure.empty() ? "ok" : "FAIL", row.op.c_str(), row.label.c_str(), outcome.forward_error);
    if (row.gradient) std::printf("  gradient %.1e", outcome.gradient_error);
    std::printf("%s%s\n", outcome.failure.empty() ? "" : "  ", outcome.failure.c_str());
  }
  if (arguments.empty()) failures += run_program_tests(backend);
  std::printf("%d rows, %d failures\n", run, failures);
  if (run == 0) std::fprintf(stderr, "Expected words that select rows of the operator table but none matched.\n");
  return failures == 0 && run > 0 ? 0 : 1;
}

}  // namespace isolens
