// The operator table run: every case against its f64 reference, and timings.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../core/program.h"

namespace isolens {

// Arguments: words that a row's "operator label" must contain; none: all rows. "--memory": gradients are computed but not compared
// with finite differences, which take most of the time; for a build with sanitizers. Returns the exit status.
// backend: null for this processor. On a device, rows are compared with the same references.
int run_op_tests(std::vector<std::string> arguments, const std::shared_ptr<Backend>& backend);
int run_op_benchmarks(const std::vector<std::string>& arguments, const std::shared_ptr<Backend>& backend);
// GRAPH.json [--batch N] [--steps N] [--f32]: one JSON object with the time of a training step.
int run_step_benchmark(const std::vector<std::string>& arguments, const std::shared_ptr<Backend>& backend);

// Tests of the program itself: memory plan, binding, errors, optimiser, parsers (program_tests.cpp). Returns the failures.
int run_program_tests(const std::shared_ptr<Backend>& backend);

}  // namespace isolens
