// The rules of a run's graph: checked against the run before the first step, applied after each.
#pragma once
#include "../core/graph.h"
#include "run_config.h"

namespace isolens {

class RunRules {
 public:
  // Refuses what the run cannot keep: states that take a batch's values where the batch is not seen whole and at once, and a ring of
  // rows that does not hold a whole number of batches, and a bank of fewer rows than the items that the "row" feed numbers.
  Status open(const RunConfig& config, int64_t items);

  // Parameters that start as copies and are not in the file that a run starts from are copies of what the file gave. Returns the
  // other absent ones.
  std::vector<std::string> copy_absent(const std::vector<std::string>& absent, ParameterStore& store) const;

  // After the step-th step of the optimiser, counted from 1; `program` has run the step's forward pass.
  Status apply(int64_t step, Program& program, ParameterStore& store) const;

 private:
  std::vector<Rule> rules_;
  std::vector<std::pair<std::string, std::string>> copies_;  // parameter, what it starts as
};

}  // namespace isolens
