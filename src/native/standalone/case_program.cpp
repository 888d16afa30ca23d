#include "case_program.h"

#include <algorithm>
#include <numeric>

#include "../core/rng.h"

namespace isolens {

namespace {

Json shape_json(const Shape& shape) {
  Json json = Json::array();
  for (int64_t size : shape) json.push(size);
  return json;
}

Json node(const std::string& op, const std::string& name, std::vector<std::string> inputs, Json attributes) {
  Json list = Json::array();
  for (std::string& input : inputs) list.push(std::move(input));
  Json json = Json::object();
  json.set("op", op).set("name", name).set("inputs", std::move(list)).set("outputs", Json::array({Json(name)})).set("attributes", std::move(attributes));
  return json;
}

Json graph_input(const std::string& name, DType dtype, const Shape& shape) {
  Json json = Json::object();
  json.set("name", name).set("dtype", dtype == DType::kF32 ? "f32" : "i32").set("shape", shape_json(shape));
  return json;
}

Json constant(double value) {
  Json attributes = Json::object();
  return attributes.set("value", value).set("shape", Json::array());
}

void fill_sparse(CaseTensor* tensor, Rng& rng) {
  const int64_t columns = tensor->size(1);
  for (int64_t row = 0; row < tensor->size(0); row++) {
    for (int64_t column = 0; column < columns; column++) {
      const bool kept = row == 0 ? false : row == 1 ? column == columns / 2 : row == 2 ? true : rng.below(32) == 0;
      if (kept) tensor->data[static_cast<size_t>(row * columns + column)] = static_cast<float>(0.5 + rng.uniform());
    }
  }
}

}  // namespace

std::vector<CaseTensor> fill_inputs(const OpCase& row, uint64_t seed) {
  std::vector<CaseTensor> tensors;
  for (size_t i = 0; i < row.inputs.size(); i++) {
    const CaseInput& input = row.inputs[i];
    CaseTensor tensor;
    tensor.shape = input.shape;
    tensor.dtype = input.fill == CaseInput::Fill::kIndex ? DType::kI32 : DType::kF32;
    tensor.data.resize(static_cast<size_t>(element_count(input.shape)));
    Rng rng(seed, i);
    for (double& value : tensor.data) {
      switch (input.fill) {
        case CaseInput::Fill::kNormal: value = rng.normal(); break;
        case CaseInput::Fill::kUniform: value = static_cast<float>(input.low + (input.high - input.low) * rng.uniform()); break;
        case CaseInput::Fill::kIndex: value = input.low + rng.below(static_cast<uint32_t>(input.high - input.low)); break;
        case CaseInput::Fill::kDistinct:
        case CaseInput::Fill::kSparse: break;
      }
    }
    if (input.fill == CaseInput::Fill::kDistinct) {
      std::vector<int> order(tensor.data.size());
      std::iota(order.begin(), order.end(), 0);
      for (size_t k = order.size(); k > 1; k--) std::swap(order[k - 1], order[rng.below(static_cast<uint32_t>(k))]);
      for (size_t k = 0; k < order.size(); k++) tensor.data[k] = static_cast<float>(0.01 * order[k] - 0.005 * static_cast<double>(order.size()));
    }
    if (input.fill == CaseInput::Fill::kSparse) fill_sparse(&tensor, rng);
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::string case_graph(const OpCase& row, const std::vector<CaseTensor>& inputs, const Shape& y_shape, const CaseGraph& options) {
  Json graph_inputs = Json::array(), parameters = Json::array(), nodes = Json::array();
  std::vector<std::string> operands;
  if (options.isolate) nodes.push(node("Constant", "one", {}, constant(1)));
  for (size_t i = 0; i < inputs.size(); i++) {
    const CaseInput& input = row.inputs[i];
    operands.push_back(input.present ? input_name(i) : "");
    if (!input.present) continue;
    if (input.parameter) {
      Json init = Json::object(), parameter = Json::object();
      init.set("kind", "zeros");
      parameter.set("name", input_name(i)).set("shape", shape_json(input.shape)).set("init", init).set("decay", false).set("trainable", input.trainable);
      parameters.push(std::move(parameter));
      continue;
    }
    graph_inputs.push(graph_input(input_name(i), inputs[i].dtype, input.shape));
    if (options.isolate && inputs[i].dtype == DType::kF32) {
      operands.back() = input_name(i) + "-own";
      nodes.push(node("Mul", operands.back(), {input_name(i), "one"}, Json::object()));
    }
  }
  const Json attributes = *Json::parse(row.attributes);
  std::vector<std::string> losses;
  for (int copy = 0; copy < (options.twice ? 2 : 1); copy++) {
    const std::string y = copy == 0 ? "y" : "y-again";
    nodes.push(node(row.op, y, operands, attributes));
    if (!options.gradient) continue;
    nodes.push(node("Mul", y + "-weighted", {y, "weight"}, Json::object()));
    nodes.push(node("ReduceSum", y + "-loss", {y + "-weighted"}, Json::object()));
    losses.push_back(y + "-loss");
  }
  if (options.gradient) {
    graph_inputs.push(graph_input("weight", DType::kF32, y_shape));
    nodes.push(options.twice ? node("Add", "loss", losses, Json::object()) : node("Identity", "loss", losses, Json::object()));
  }
  Json graph = Json::object();
  graph.set("name", "case").set("symbols", Json::array()).set("inputs", graph_inputs).set("parameters", parameters).set("nodes", nodes);
  graph.set("outputs", Json::array({Json(options.gradient ? "loss" : "y")}));
  return graph.dump();
}

Status load_inputs(const OpCase& row, const std::vector<CaseTensor>& inputs, Program& program, ParameterStore& store) {
  for (size_t i = 0; i < inputs.size(); i++) {
    if (!row.inputs[i].present) continue;
    const std::vector<double>& data = inputs[i].data;
    if (row.inputs[i].parameter) {
      Parameter* parameter = store.find(input_name(i));
      if (parameter == nullptr) return Status(Code::kNativeFailed, "Expected parameter " + input_name(i) + ".");
      std::copy(data.begin(), data.end(), parameter->value.begin());
      continue;
    }
    Expected<TensorView> view = program.input(input_name(i));
    if (!view) return view.status();
    if (inputs[i].dtype == DType::kF32) {
      std::copy(data.begin(), data.end(), view->f32());
    } else {
      std::copy(data.begin(), data.end(), view->i32());
    }
  }
  store.changed();
  return Status::ok();
}

}  // namespace isolens
