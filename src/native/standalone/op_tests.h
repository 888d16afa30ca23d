// The operator table run: every case against its f64 reference, and timings.
#pragma once
#include <string>
#include <vector>

namespace isolens {

// Arguments: words that a row's "operator label" must contain; none: all rows. Returns the exit status.
int run_op_tests(const std::vector<std::string>& arguments);
int run_op_benchmarks(const std::vector<std::string>& arguments);

// Tests of the program itself: memory plan, binding, errors, optimiser, parsers (program_tests.cpp). Returns the failures.
int run_program_tests();

}  // namespace isolens
