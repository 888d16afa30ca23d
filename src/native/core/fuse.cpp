// Rewrites of the graph that change speed and nothing else.
#include "graph.h"

namespace isolens {

namespace {

// The node that alone produces what `relu` reads, where it can take the activation over; -1 otherwise.
int fusable_producer(const Graph& graph, const GraphNode& relu, const std::vector<int>& readers) {
  if (relu.op != "Relu") return -1;
  const GraphValue& between = graph.values[relu.inputs[0]];
  if (between.kind != ValueKind::kNode || readers[relu.inputs[0]] != 1) return -1;
  const GraphNode& producer = graph.nodes[between.index];
  return producer.op == "BatchNormalization" || producer.op == "Add" ? between.index : -1;
}

}  // namespace

void fuse_activations(Graph* graph, const std::vector<int>& keep) {
  std::vector<int> readers(graph->values.size(), 0);
  for (const GraphNode& node : graph->nodes) {
    for (int input : node.inputs) {
      if (input >= 0) readers[input]++;
    }
  }
  for (int value : keep) readers[value] += 2;
  std::vector<bool> removed(graph->nodes.size(), false);
  for (GraphNode& relu : graph->nodes) {
    const int producer = fusable_producer(*graph, relu, readers);
    if (producer < 0) continue;
    const OpEntry* entry = find_op(graph->nodes[producer].op + "Relu");
    if (entry == nullptr) continue;
    // The Relu's place in the order is taken by the fused node: readers of the value come after it in any case.
    GraphNode& first = graph->nodes[producer];
    AttributeReader reader(first.attributes);
    relu.instance = entry->make(reader);
    relu.op = entry->name;
    relu.inputs = first.inputs;
    relu.attributes = first.attributes;
    removed[producer] = true;
  }
  std::vector<GraphNode> kept;
  for (size_t i = 0; i < graph->nodes.size(); i++) {
    if (removed[i]) {
      graph->values[graph->nodes[i].output].index = -1;
      continue;
    }
    graph->values[graph->nodes[i].output].index = static_cast<int>(kept.size());
    kept.push_back(std::move(graph->nodes[i]));
  }
  graph->nodes = std::move(kept);
}

}  // namespace isolens
