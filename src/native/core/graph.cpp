#include "graph.h"

#include <algorithm>
#include <cctype>

#include "rules.h"

namespace isolens {

namespace {

Status invalid(std::string message) { return Status(Code::kGraphInvalid, std::move(message)); }

std::string shown(const Json& json) {
  std::string text = json.dump();
  return text.size() > 80 ? text.substr(0, 77) + "..." : text;
}

Status parse_dim(const Json& json, const std::vector<std::string>& symbols, const std::string& where, Dim* out) {
  if (json.is_integer() && json.as_integer() >= 0 && json.as_integer() <= kMaximumElements) {
    out->factor = json.as_integer();
    return Status::ok();
  }
  // "N", "2*N" or "N*V".
  const std::string& text = json.as_string();
  for (size_t start = 0; json.is_string() && start <= text.size();) {
    const size_t end = std::min(text.find('*', start), text.size());
    const std::string part = text.substr(start, end - start);
    const auto found = std::find(symbols.begin(), symbols.end(), part);
    const bool digits = !part.empty() && part.size() < 10 && std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isdigit(c); });
    if (found != symbols.end()) {
      out->symbols.push_back(static_cast<int>(found - symbols.begin()));
    } else if (digits && start == 0) {
      out->factor = std::stoll(part);
    } else {
      return invalid(where + ": expected a size or a product of declared symbols but received " + shown(json) + ".");
    }
    if (end == text.size()) return Status::ok();
    start = end + 1;
  }
  return invalid(where + ": expected a size or a product of declared symbols but received " + shown(json) + ".");
}

class GraphParser {
 public:
  Expected<Graph> run(const std::string& text) {
    Expected<Json> json = Json::parse(text);
    if (!json) return json.status();
    Status status = parse(*json);
    if (!status.is_ok()) return status;
    return std::move(graph_);
  }

 private:
  Status parse(const Json& json) {
    if (!json.is_object()) return invalid("Expected a graph but received " + shown(json) + ".");
    graph_.name = json["name"].as_string();
    for (const char* list : {"symbols", "inputs", "parameters", "nodes", "outputs"}) {
      if (!json[list].is_array()) return invalid("Graph " + graph_.name + ": expected a list " + list + " but received " + shown(json[list]) + ".");
      if (json[list].size() > kMaximumNodes) {
        return invalid("Graph " + graph_.name + ": expected at most " + std::to_string(kMaximumNodes) + " " + list + " but received " + std::to_string(json[list].size()) + ".");
      }
    }
    for (const Json& symbol : json["symbols"].items()) {
      if (!symbol.is_string() || symbol.as_string().empty()) return invalid("Graph " + graph_.name + ": expected names of symbols but received " + shown(symbol) + ".");
      graph_.symbols.push_back(symbol.as_string());
    }
    for (const Json& input : json["inputs"].items()) ISOLENS_TRY(parse_input(input));
    for (const Json& parameter : json["parameters"].items()) ISOLENS_TRY(parse_parameter(parameter));
    for (const Json& node : json["nodes"].items()) ISOLENS_TRY(parse_node(node));
    for (const Json& output : json["outputs"].items()) {
      const auto found = graph_.value_by_name.find(output.as_string());
      if (found == graph_.value_by_name.end()) return invalid("Graph " + graph_.name + ": expected outputs that are computed but received " + shown(output) + ".");
      graph_.outputs.push_back(found->second);
    }
    return parse_rules(json["rules"], graph_, &graph_.rules);
  }

  Status add_value(const std::string& name, ValueKind kind, size_t index, int* number) {
    if (name.empty()) return invalid("Graph " + graph_.name + ": expected a name for every value but received none.");
    *number = static_cast<int>(graph_.values.size());
    if (!graph_.value_by_name.emplace(name, *number).second) {
      return invalid("Graph " + graph_.name + ": expected unique names but received " + name + " twice.");
    }
    graph_.values.push_back({name, kind, static_cast<int>(index)});
    return Status::ok();
  }

  Status parse_input(const Json& json) {
    GraphInput input;
    input.name = json["name"].as_string();
    const std::string where = "Input " + input.name;
    const std::string& dtype = json["dtype"].as_string();
    if (dtype != "f32" && dtype != "i32") return invalid(where + ": expected dtype f32 or i32 but received " + shown(json["dtype"]) + ".");
    input.dtype = dtype == "f32" ? DType::kF32 : DType::kI32;
    if (!json["shape"].is_array() || json["shape"].size() > kMaximumRank) {
      return invalid(where + ": expected a shape of rank at most " + std::to_string(kMaximumRank) + " but received " + shown(json["shape"]) + ".");
    }
    for (const Json& size : json["shape"].items()) {
      input.shape.emplace_back();
      ISOLENS_TRY(parse_dim(size, graph_.symbols, where, &input.shape.back()));
    }
    int number;
    ISOLENS_TRY(add_value(input.name, ValueKind::kInput, graph_.inputs.size(), &number));
    graph_.inputs.push_back(std::move(input));
    return Status::ok();
  }

  Status parse_parameter(const Json& json) {
    GraphParameter parameter;
    parameter.name = json["name"].as_string();
    const std::string where = "Parameter " + parameter.name;
    if (!json["shape"].is_array() || json["shape"].size() > kMaximumRank) {
      return invalid(where + ": expected a shape of rank at most " + std::to_string(kMaximumRank) + " but received " + shown(json["shape"]) + ".");
    }
    for (const Json& size : json["shape"].items()) {
      if (!size.is_integer() || size.as_integer() < 0) return invalid(where + ": expected sizes but received " + shown(size) + ".");
      parameter.shape.push_back(size.as_integer());
    }
    if (checked_count(parameter.shape) < 0) return invalid(where + ": expected a size that memory holds but received " + shown(json["shape"]) + ".");
    static const std::pair<const char*, InitKind> kKinds[] = {{"zeros", InitKind::kZeros}, {"ones", InitKind::kOnes},
        {"unitRows", InitKind::kUnitRows}, {"copy", InitKind::kCopy}, {"constant", InitKind::kConstant}, {"normal", InitKind::kNormal}, {"uniform", InitKind::kUniform}};
    bool known = false;
    for (const auto& [name, kind] : kKinds) {
      if (json["init"]["kind"].as_string() != name) continue;
      known = true;
      parameter.init = kind;
    }
    if (!known) return invalid(where + ": expected init of kind zeros, ones, unitRows, copy, constant, normal or uniform but received " + shown(json["init"]) + ".");
    const char* value_name = parameter.init == InitKind::kNormal ? "std" : parameter.init == InitKind::kUniform ? "bound" : "value";
    parameter.init_value = json["init"][value_name].as_number();
    if (parameter.init >= InitKind::kConstant && !json["init"][value_name].is_number()) {
      return invalid(where + ": expected init with a number " + value_name + " but received " + shown(json["init"]) + ".");
    }
    if (parameter.init == InitKind::kUnitRows && parameter.shape.size() != 2) return invalid(where + ": expected a matrix to have unit rows but received " + describe(parameter.shape) + ".");
    if (parameter.init == InitKind::kCopy) {
      parameter.init_of = json["init"]["of"].as_string();
      const auto source = std::find_if(graph_.parameters.begin(), graph_.parameters.end(), [&](const GraphParameter& each) { return each.name == parameter.init_of; });
      if (source == graph_.parameters.end() || source->shape != parameter.shape) {
        return invalid(where + ": expected to start as a parameter of its shape that is known before it but received " + shown(json["init"]) + ".");
      }
    }
    parameter.trainable = json["trainable"].as_bool(true);
    parameter.decay = parameter.trainable && json["decay"].as_bool(false);
    int number;
    ISOLENS_TRY(add_value(parameter.name, ValueKind::kParameter, graph_.parameters.size(), &number));
    graph_.parameters.push_back(std::move(parameter));
    return Status::ok();
  }

  Status parse_node(const Json& json) {
    GraphNode node;
    node.op = json["op"].as_string();
    node.name = json["name"].as_string();
    node.attributes = json["attributes"];
    const std::string where = "Node " + node.name + " (" + node.op + ")";
    const OpEntry* entry = find_op(node.op);
    if (entry == nullptr) return invalid(where + ": expected a known operator but received " + shown(json["op"]) + ".");
    if (!json["inputs"].is_array() || json["outputs"].size() != 1) return invalid(where + ": expected a list of inputs and one output but received " + shown(json) + ".");
    if (!node.attributes.is_null() && !node.attributes.is_object()) return invalid(where + ": expected attributes but received " + shown(node.attributes) + ".");
    for (const Json& input : json["inputs"].items()) ISOLENS_TRY(resolve_input(where, input, &node));
    AttributeReader reader(node.attributes);
    node.instance = entry->make(reader);
    const std::string refusal = reader.finish();
    if (!refusal.empty()) return invalid(where + ": " + refusal + ".");
    ISOLENS_TRY(check_arity(where, node));
    ISOLENS_TRY(add_value(json["outputs"].items()[0].as_string(), ValueKind::kNode, graph_.nodes.size(), &node.output));
    graph_.nodes.push_back(std::move(node));
    return Status::ok();
  }

  Status resolve_input(const std::string& where, const Json& input, GraphNode* node) {
    if (input.is_string() && input.as_string().empty()) {
      node->inputs.push_back(-1);
      return Status::ok();
    }
    // Nodes come in an order in which every input is known, so this also refuses cycles.
    const auto found = graph_.value_by_name.find(input.as_string());
    if (found == graph_.value_by_name.end()) {
      return invalid(where + ": expected an input that is known before it but received " + shown(input) + ".");
    }
    node->inputs.push_back(found->second);
    return Status::ok();
  }

  static Status check_arity(const std::string& where, const GraphNode& node) {
    const Signature signature = node.instance->signature();
    const int received = static_cast<int>(node.inputs.size());
    if (received < signature.minimum || received > signature.maximum) {
      return invalid(where + ": expected " + std::to_string(signature.minimum) +
                     (signature.maximum > signature.minimum ? " to " + std::to_string(signature.maximum) : "") +
                     " inputs but received " + std::to_string(received) + ".");
    }
    for (int i = 0; i < std::min(received, signature.minimum); i++) {
      if (node.inputs[i] < 0) return invalid(where + ": expected input " + std::to_string(i) + " but received none.");
    }
    return Status::ok();
  }

  Graph graph_;
};

Status check_dtypes(const std::string& where, const GraphNode& node, const std::vector<TensorSpec>& in) {
  const std::string letters = node.instance->signature().dtypes;
  for (size_t i = 0; i < in.size(); i++) {
    const char letter = letters.empty() ? '*' : letters[std::min(i, letters.size() - 1)];
    if (!in[i].present || letter == '*') continue;
    if ((letter == 'f') != (in[i].dtype == DType::kF32)) {
      return invalid(where + ": expected " + (letter == 'f' ? "f32" : "i32") + " for input " + std::to_string(i) + " but received " + describe(in[i]) + ".");
    }
  }
  return Status::ok();
}

}  // namespace

int64_t checked_count(const Shape& shape) {
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0 || (size > 0 && count > kMaximumElements / size)) return -1;
    count *= size;
  }
  return count;
}

Expected<Graph> parse_graph(const std::string& text) { return GraphParser().run(text); }

std::vector<TensorSpec> node_inputs(const GraphNode& node, const std::vector<TensorSpec>& specs) {
  std::vector<TensorSpec> in(node.inputs.size());
  for (size_t i = 0; i < in.size(); i++) {
    if (node.inputs[i] >= 0) {
      in[i] = specs[node.inputs[i]];
    } else {
      in[i].present = false;
    }
  }
  return in;
}

Status infer_shapes(const Graph& graph, const std::vector<int64_t>& sizes, std::vector<TensorSpec>* specs) {
  specs->assign(graph.values.size(), {});
  for (size_t v = 0; v < graph.values.size(); v++) {
    const GraphValue& value = graph.values[v];
    TensorSpec& spec = (*specs)[v];
    if (value.kind == ValueKind::kParameter) {
      spec.shape = graph.parameters[value.index].shape;
      spec.parameter = true;
    } else if (value.kind == ValueKind::kInput) {
      const GraphInput& input = graph.inputs[value.index];
      spec.dtype = input.dtype;
      for (const Dim& dim : input.shape) {
        Shape factors = {dim.factor};
        for (int symbol : dim.symbols) factors.push_back(sizes[symbol]);
        spec.shape.push_back(checked_count(factors));
      }
      if (checked_count(spec.shape) < 0) return invalid("Input " + input.name + ": expected a size that memory holds but received " + describe(spec) + ".");
    }
  }
  for (const GraphNode& node : graph.nodes) {
    const std::string where = "Node " + node.name + " (" + node.op + ")";
    const std::vector<TensorSpec> in = node_inputs(node, *specs);
    ISOLENS_TRY(check_dtypes(where, node, in));
    TensorSpec& out = (*specs)[node.output];
    std::string expected = node.instance->infer(in, &out);
    if (expected.empty() && (checked_count(out.shape) < 0 || out.shape.size() > kMaximumRank)) expected = "an output that memory holds";
    if (expected.empty()) continue;
    std::string received;
    for (const TensorSpec& spec : in) received += (received.empty() ? "" : ", ") + describe(spec);
    return invalid(where + ": expected " + expected + " but received " + (received.empty() ? "none" : received) + ".");
  }
  return Status::ok();
}

}  // namespace isolens
