// The graph of src/graph as structures: names resolved to value numbers, operators made. Checked, not yet bound to sizes.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "op.h"

namespace isolens {

// A size: factor * product of symbols (indices into Graph::symbols).
struct Dim {
  int64_t factor = 1;
  std::vector<int> symbols;
};

struct GraphInput {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<Dim> shape;
};

enum class InitKind { kZeros, kOnes, kUnitRows, kCopy, kConstant, kNormal, kUniform };

struct GraphParameter {
  std::string name;
  Shape shape;
  InitKind init = InitKind::kZeros;
  double init_value = 0;  // constant, std or bound
  std::string init_of;    // copy: a parameter before it
  bool decay = false, trainable = true;
};

struct GraphNode {
  std::string op, name;
  std::vector<int> inputs;  // value numbers; -1: left out
  int output = -1;
  Json attributes;
  std::unique_ptr<Op> instance;
};

enum class ValueKind { kInput, kParameter, kNode };

struct GraphValue {
  std::string name;
  ValueKind kind = ValueKind::kNode;
  int index = -1;  // into inputs, parameters or nodes
};

struct Graph {
  std::string name;
  std::vector<std::string> symbols;
  std::vector<GraphInput> inputs;
  std::vector<GraphParameter> parameters;
  std::vector<GraphNode> nodes;
  std::vector<GraphValue> values;
  std::vector<int> outputs;
  std::vector<Rule> rules;
  std::map<std::string, int> value_by_name;
};

// Limits on graphs of unknown origin.
constexpr size_t kMaximumNodes = 5000;
constexpr size_t kMaximumRank = 8;
constexpr int64_t kMaximumElements = int64_t{1} << 38;

Expected<Graph> parse_graph(const std::string& text);

// Product of sizes, or -1 where it exceeds kMaximumElements.
int64_t checked_count(const Shape& shape);

// Types and shapes of every value for given sizes of the symbols (in the graph's order).
Status infer_shapes(const Graph& graph, const std::vector<int64_t>& sizes, std::vector<TensorSpec>* specs);

// Input specifications of a node, absent ones not present.
std::vector<TensorSpec> node_inputs(const GraphNode& node, const std::vector<TensorSpec>& specs);

// Joins Relu to the BatchNormalization or Add before it where nothing else reads the value between them.
void fuse_activations(Graph* graph, const std::vector<int>& keep);

}  // namespace isolens
