#include "run_rules.h"

#include <algorithm>

#include "../core/rules.h"

namespace isolens {

namespace {

// Does the "row" feed give this input?
bool numbers_items(const RunConfig& config, const std::string& input) {
  const auto& feeds = config.feeds.items();
  return std::any_of(feeds.begin(), feeds.end(), [&](const Json& feed) { return feed["kind"].as_string() == "row" && feed["inputs"]["row"].as_string() == input; });
}

}  // namespace

Status RunRules::open(const RunConfig& config, int64_t items) {
  Expected<Graph> graph = parse_graph(config.graph.dump());
  if (!graph) return graph.status();
  rules_ = std::move(graph->rules);
  for (const GraphParameter& parameter : graph->parameters) {
    if (parameter.init == InitKind::kCopy) copies_.emplace_back(parameter.name, parameter.init_of);
  }
  for (const Rule& rule : rules_) {
    if (!rule.takes_value()) continue;
    if (config.accumulate > 1 || config.chunk.rows > 0) {
      return {Code::kArgumentInvalid, "Expected whole batches (no \"chunk\", \"accumulate\" 1) where " + rule.parameter + " keeps what a batch gives."};
    }
    if (rule.kind == Rule::Kind::kAssign) continue;
    const int64_t rows = graph->parameters[static_cast<size_t>(graph->values[static_cast<size_t>(graph->value_by_name.at(rule.parameter))].index)].shape[0];
    if (rule.kind == Rule::Kind::kScatterRows) {
      if (rows >= items || !numbers_items(config, rule.rows)) continue;
      return {Code::kArgumentInvalid, "Expected " + rule.parameter + " to hold a row for each of " + std::to_string(items) + " items but it holds " + std::to_string(rows) +
                                          " rows. Make the bank as large as the training data."};
    }
    if (rows < config.batch || rows % config.batch != 0) {
      return {Code::kArgumentInvalid, "Expected " + rule.parameter + " to hold a whole number of batches of " + std::to_string(config.batch) + " rows but it holds " + std::to_string(rows) +
                                                " rows. Choose a multiple of the batch."};
    }
  }
  return Status::ok();
}

std::vector<std::string> RunRules::copy_absent(const std::vector<std::string>& absent, ParameterStore& store) const {
  std::vector<std::string> others;
  for (const std::string& name : absent) {
    const auto copy = std::find_if(copies_.begin(), copies_.end(), [&](const auto& each) { return each.first == name; });
    if (copy == copies_.end()) others.push_back(name);
    else store.find(name)->value = store.find(copy->second)->value;
  }
  return others;
}

Status RunRules::apply(int64_t step, Program& program, ParameterStore& store) const {
  for (const Rule& rule : rules_) {
    if (rule.takes_value()) {
      ISOLENS_TRY(program.take(rule, step));
    } else if (store.mirror() != nullptr) {
      ISOLENS_TRY(store.mirror()->apply(rule));
    } else {
      ISOLENS_TRY(apply_rule(rule, store));
    }
  }
  return Status::ok();
}

}  // namespace isolens
