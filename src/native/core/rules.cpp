#include "rules.h"

#include <algorithm>
#include <cmath>

namespace isolens {

namespace {

using Kind = Rule::Kind;

Status invalid(const Rule& rule, const std::string& expected, const std::string& received) {
  return {Code::kGraphInvalid, "Rule of parameter " + rule.parameter + ": expected " + expected + " but received " + received + "."};
}

const GraphParameter* find_parameter(const Graph& graph, const std::string& name) {
  const auto found = graph.value_by_name.find(name);
  if (found == graph.value_by_name.end() || graph.values[found->second].kind != ValueKind::kParameter) return nullptr;
  return &graph.parameters[graph.values[found->second].index];
}

Status read_number(const Json& json, const char* key, const Rule& rule, double low, double high, double* out) {
  *out = json[key].is_number() ? json[key].as_number() : std::nan("");
  return *out >= low && *out <= high ? Status::ok() : invalid(rule, std::string("a number ") + key + " within its range", json[key].dump());
}

Status read_settings(const Json& json, Rule* rule) {
  double first = 0, second = 0;
  switch (rule->kind) {
    case Kind::kClamp:
      ISOLENS_TRY(read_number(json, "min", *rule, -3.4e38, 3.4e38, &first));
      ISOLENS_TRY(read_number(json, "max", *rule, first, 3.4e38, &second));
      rule->minimum = static_cast<float>(first);
      rule->maximum = static_cast<float>(second);
      return Status::ok();
    case Kind::kAverage:
      ISOLENS_TRY(read_number(json, "momentum", *rule, 0, 1, &first));
      rule->momentum = static_cast<float>(first);
      rule->source = json["of"].as_string();
      return Status::ok();
    case Kind::kFreeze:
      ISOLENS_TRY(read_number(json, "until", *rule, 1, 1e15, &first));
      rule->until = static_cast<int64_t>(first);
      return Status::ok();
    case Kind::kAssign:
    case Kind::kEnqueue: rule->source = json["from"].as_string(); return Status::ok();
    case Kind::kScatterRows:
      rule->source = json["from"].as_string();
      rule->rows = json["rows"].as_string();
      return Status::ok();
    case Kind::kUnitRows: return Status::ok();
  }
  return Status::ok();
}

bool is_output(const Graph& graph, const std::string& name) {
  const auto found = graph.value_by_name.find(name);
  return found != graph.value_by_name.end() && std::find(graph.outputs.begin(), graph.outputs.end(), found->second) != graph.outputs.end();
}

// What names rows is an output, whose type shows once shapes are known, or an input.
Status check_rows(const Rule& rule, const Graph& graph) {
  if (is_output(graph, rule.rows)) return Status::ok();
  const auto found = graph.value_by_name.find(rule.rows);
  if (found == graph.value_by_name.end() || graph.values[found->second].kind != ValueKind::kInput) {
    return invalid(rule, "an output or an input of the graph that names rows", "\"" + rule.rows + "\"");
  }
  const GraphInput& input = graph.inputs[graph.values[found->second].index];
  if (input.dtype != DType::kI32 || input.shape.size() != 1) return invalid(rule, "rows i32(N)", "\"" + rule.rows + "\" of another type or rank");
  return Status::ok();
}

Status check_rule(const Rule& rule, const Graph& graph) {
  const GraphParameter* target = find_parameter(graph, rule.parameter);
  if (target == nullptr) return invalid(rule, "a parameter of the graph", "\"" + rule.parameter + "\"");
  if (rule.kind == Kind::kUnitRows && target->shape.size() != 2) return invalid(rule, "a matrix", describe(target->shape));
  if (rule.kind == Kind::kFreeze && !target->trainable) return invalid(rule, "a parameter that is trained", "one that is not");
  if (rule.kind == Kind::kAverage) {
    const GraphParameter* followed = find_parameter(graph, rule.source);
    if (followed == nullptr || followed->shape != target->shape) return invalid(rule, "a parameter of its shape to follow", "\"" + rule.source + "\"");
  }
  if ((rule.kind == Kind::kAverage || rule.takes_value()) && target->trainable) return invalid(rule, "a parameter that is not trained", "one that is");
  if (!rule.takes_value()) return Status::ok();
  if (!is_output(graph, rule.source)) return invalid(rule, "an output of the graph to take", "\"" + rule.source + "\"");
  if (rule.kind == Kind::kScatterRows) ISOLENS_TRY(check_rows(rule, graph));
  if (rule.kind != Kind::kAssign && target->shape.size() != 2) return invalid(rule, "a matrix whose rows are replaced", describe(target->shape));
  return Status::ok();
}

}  // namespace

void unit_rows(Parameter& parameter) {
  const size_t width = static_cast<size_t>(parameter.shape[1]);
  for (size_t start = 0; start + width <= parameter.value.size() && width > 0; start += width) {
    float* row = parameter.value.data() + start;
    double squares = 0;
    for (size_t i = 0; i < width; i++) squares += static_cast<double>(row[i]) * static_cast<double>(row[i]);
    // A row of zeros has no direction.
    const float scale = squares > 0 ? static_cast<float>(1.0 / std::sqrt(squares)) : 1.0f;
    for (size_t i = 0; i < width; i++) row[i] *= scale;
  }
}

Status parse_rules(const Json& list, const Graph& graph, std::vector<Rule>* rules) {
  static const std::pair<const char*, Kind> kKinds[] = {{"clamp", Kind::kClamp}, {"unitRows", Kind::kUnitRows}, {"average", Kind::kAverage},
                                                        {"freeze", Kind::kFreeze}, {"assign", Kind::kAssign}, {"enqueue", Kind::kEnqueue},
                                                        {"scatterRows", Kind::kScatterRows}};
  for (const Json& json : list.items()) {
    Rule rule;
    rule.parameter = json["parameter"].as_string();
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& each) { return json["rule"].as_string() == each.first; });
    if (kind == std::end(kKinds)) return invalid(rule, "clamp, unitRows, average, freeze, assign, enqueue or scatterRows", json["rule"].dump());
    rule.kind = kind->second;
    ISOLENS_TRY(read_settings(json, &rule));
    ISOLENS_TRY(check_rule(rule, graph));
    rules->push_back(std::move(rule));
  }
  return Status::ok();
}

Status apply_rule(const Rule& rule, ParameterStore& store) {
  Parameter* target = store.find(rule.parameter);
  if (target == nullptr) return invalid(rule, "a parameter of the store", "none");
  if (rule.kind == Kind::kClamp) {
    for (float& value : target->value) value = std::min(rule.maximum, std::max(rule.minimum, value));
  } else if (rule.kind == Kind::kUnitRows) {
    unit_rows(*target);
  } else if (rule.kind == Kind::kAverage) {
    const Parameter* followed = store.find(rule.source);
    if (followed == nullptr || followed->value.size() != target->value.size()) return invalid(rule, "a parameter of its size to follow", "\"" + rule.source + "\"");
    for (size_t i = 0; i < target->value.size(); i++) target->value[i] = rule.momentum * target->value[i] + (1.0f - rule.momentum) * followed->value[i];
  }
  return Status::ok();
}

}  // namespace isolens
