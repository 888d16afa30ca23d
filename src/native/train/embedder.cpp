#include "embedder.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace isolens {
namespace {

// The names that `outputs` depend on, themselves included; empty and a message where one does not exist.
Expected<std::set<std::string>> needed_by(const Json& graph, const std::vector<std::string>& outputs) {
  std::set<std::string> known, needed(outputs.begin(), outputs.end());
  for (const char* list : {"inputs", "parameters"}) {
    for (const Json& entry : graph[list].items()) known.insert(entry["name"].as_string());
  }
  const std::vector<Json>& nodes = graph["nodes"].items();
  for (const Json& node : nodes) {
    for (const Json& output : node["outputs"].items()) known.insert(output.as_string());
  }
  for (const std::string& output : outputs) {
    if (known.count(output) == 0) return Status(Code::kArgumentInvalid, "Expected a value of the graph but received \"" + output + "\".");
  }
  // Nodes are in topological order, so one walk from the last to the first suffices.
  for (size_t i = nodes.size(); i-- > 0;) {
    bool used = false;
    for (const Json& output : nodes[i]["outputs"].items()) used = used || needed.count(output.as_string()) > 0;
    if (!used) continue;
    for (const Json& input : nodes[i]["inputs"].items()) needed.insert(input.as_string());
  }
  // What starts as a copy needs what it copies.
  for (const Json& parameter : graph["parameters"].items()) {
    if (needed.count(parameter["name"].as_string()) > 0 && parameter["init"]["of"].is_string()) needed.insert(parameter["init"]["of"].as_string());
  }
  return needed;
}

}  // namespace

Expected<Json> prune_graph(const Json& graph, const std::vector<std::string>& outputs, Json* feeds) {
  Expected<std::set<std::string>> needed = needed_by(graph, outputs);
  if (!needed) return needed.status();
  Json kept_feeds = Json::array();
  for (const Json& feed : feeds->items()) {
    const std::vector<Json::Member>& roles = feed["inputs"].members();
    const bool used = std::any_of(roles.begin(), roles.end(), [&](const Json::Member& role) { return needed->count(role.second.as_string()) > 0; });
    if (!used) continue;
    for (const auto& [role, name] : roles) needed->insert(name.as_string());
    kept_feeds.push(feed);
  }
  *feeds = std::move(kept_feeds);

  Json pruned = graph;
  for (const char* list : {"inputs", "parameters"}) {
    Json kept = Json::array();
    for (const Json& entry : graph[list].items()) {
      if (needed->count(entry["name"].as_string()) > 0) kept.push(entry);
    }
    pruned.set(list, std::move(kept));
  }
  Json nodes = Json::array(), names = Json::array();
  for (const Json& node : graph["nodes"].items()) {
    for (const Json& output : node["outputs"].items()) {
      if (needed->count(output.as_string()) == 0) continue;
      nodes.push(node);
      break;
    }
  }
  for (const std::string& output : outputs) names.push(output);
  pruned.set("nodes", std::move(nodes));
  pruned.set("outputs", std::move(names));
  pruned.set("rules", Json::array());
  // Symbols of dropped inputs are gone with them.
  Json symbols = Json::array();
  std::set<std::string> seen;
  for (const Json& input : pruned["inputs"].items()) {
    for (const Json& dim : input["shape"].items()) {
      if (dim.is_string() && seen.insert(dim.as_string()).second) symbols.push(dim);
    }
  }
  pruned.set("symbols", std::move(symbols));
  return pruned;
}

Expected<std::unique_ptr<Embedder>> Embedder::make(const Json& graph, const Json& feeds, const std::vector<std::string>& outputs,
                                                   std::shared_ptr<const Dataset> data, const EmbedderOptions& options,
                                                   ParameterStore& store, ThreadPool& pool) {
  Json kept_feeds = feeds;
  Expected<Json> pruned = prune_graph(graph, outputs, &kept_feeds);
  if (!pruned) return pruned.status();
  Expected<GraphInputs> inputs = read_graph_inputs(*pruned);
  if (!inputs) return inputs.status();
  std::unique_ptr<Embedder> embedder(new Embedder());
  embedder->outputs_ = outputs;
  embedder->options_ = options;
  Expected<std::unique_ptr<Batcher>> batcher = Batcher::make(kept_feeds, *inputs, data, options.seed);
  if (!batcher) return batcher.status();
  embedder->batcher_ = std::move(*batcher);
  embedder->options_.batch = std::min(options.batch, data->rows());
  Expected<std::map<std::string, int64_t>> capacity = embedder->batcher_->capacity(embedder->options_.batch);
  if (!capacity) return capacity.status();
  ProgramOptions program_options;
  program_options.training = false;
  program_options.capacity = *capacity;
  program_options.seed = options.seed;
  program_options.precision = options.precision;
  program_options.backend = options.backend;
  Expected<std::unique_ptr<Program>> program = make_program(pruned->dump(), program_options, store, pool);
  if (!program) return program.status();
  embedder->program_ = std::move(*program);
  return embedder;
}

Status Embedder::run(int64_t rows, std::vector<EmbeddedOutput>& out, const std::atomic<bool>* cancelled, const std::function<void(int64_t)>& progress) {
  rows = std::min(rows, batcher_->rows());
  const int64_t batch = options_.batch, batches = (rows + batch - 1) / batch;
  out.assign(outputs_.size(), {});
  Prefetcher prefetcher(*batcher_, options_.feed_threads, 0, batches, [&](int64_t index) {
    std::vector<RowVisit> visits;
    for (int64_t row = index * batch; row < std::min(rows, (index + 1) * batch); row++) visits.push_back({row, 0, false});
    return visits;
  });
  for (int64_t done = 0; done < rows;) {
    if (cancelled != nullptr && cancelled->load()) return {Code::kCancelled, "The work was cancelled."};
    Expected<const PreparedBatch*> prepared = prefetcher.next();
    if (!prepared) return prepared.status();
    const int64_t n = static_cast<int64_t>((*prepared)->visits.size());
    ISOLENS_TRY(batcher_->load(**prepared, *program_));
    ISOLENS_TRY(program_->forward(false, 0));
    for (size_t i = 0; i < outputs_.size(); i++) {
      Expected<TensorView> value = program_->value(outputs_[i]);
      if (!value) return value.status();
      if (value->dtype != DType::kF32 || value->shape.size() != 2 || value->shape[0] != n) {
        return {Code::kArgumentInvalid, "Expected value " + outputs_[i] + " to have one row of numbers for each row of the batch, but it does not."};
      }
      out[i].width = value->shape[1];
      out[i].data.insert(out[i].data.end(), value->f32(), value->f32() + value->count());
    }
    done += n;
    if (progress) progress(done);
  }
  return Status::ok();
}

}  // namespace isolens
