// A row of the operator table as a graph with inputs filled.
#pragma once
#include <memory>

#include "../core/program.h"
#include "../ops/case.h"

namespace isolens {

struct CaseGraph {
  bool gradient = false;  // adds loss = sum(y * weight)
  bool isolate = false;   // inputs pass through a product with 1, so that the operator may overwrite them
  bool twice = false;     // the operator occurs twice on the same inputs: gradients are added up
};

std::vector<CaseTensor> fill_inputs(const OpCase& row, uint64_t seed);
// y_shape: shape of the output (for `weight`), unused without a gradient.
std::string case_graph(const OpCase& row, const std::vector<CaseTensor>& inputs, const Shape& y_shape, const CaseGraph& options);
inline std::string input_name(size_t i) { return "in" + std::to_string(i); }

// Copies values into inputs and parameters of the program.
Status load_inputs(const OpCase& row, const std::vector<CaseTensor>& inputs, Program& program, ParameterStore& store);

}  // namespace isolens
