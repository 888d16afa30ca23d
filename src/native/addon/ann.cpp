// NativeGraph: a graph of neighbours that JavaScript keeps; synchronous.
#include "ann.h"

#include "../ann/graph.h"
#include "../train/run_config.h"
#include "convert.h"

namespace isolens::addon {
namespace {

template <typename T>
const T* values_of(const Napi::TypedArray& array) {
  return reinterpret_cast<const T*>(static_cast<const char*>(array.ArrayBuffer().Data()) + array.ByteOffset());
}

class NativeGraph : public Napi::ObjectWrap<NativeGraph> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "NativeGraph",
                       {InstanceMethod<&NativeGraph::add>("add"), InstanceMethod<&NativeGraph::count>("count"),
                        InstanceMethod<&NativeGraph::search>("search"), InstanceMethod<&NativeGraph::vector>("vector"),
                        InstanceMethod<&NativeGraph::save>("save")});
  }

  // new NativeGraph(options: {dimension, m, efConstruction, seed, threads}, path: a file to open or "")
  explicit NativeGraph(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeGraph>(info) {
    Arguments arguments(info, "NativeGraph");
    const Json options = arguments.json("options");
    const std::string path = arguments.text("path");
    const Status status = arguments.status().is_ok() ? guarded([&] { return open(options, path); }) : arguments.status();
    if (!status.is_ok()) raise(info.Env(), status);
  }

 private:
  Status open(const Json& json, const std::string& path) {
    SettingsReader reader(json, "options");
    ann::GraphOptions options;
    options.dimension = reader.integer("dimension", -1, 1, 1 << 20);
    options.m = reader.integer("m", options.m, 2, 4096);
    options.ef_construction = reader.integer("efConstruction", options.ef_construction, 1, 1 << 20);
    options.seed = static_cast<uint64_t>(reader.integer("seed", 100, 0, int64_t{1} << 53));
    options.threads = resolve_threads(reader.integer("threads", 0, 0, 256));
    options.rough = !path.empty() && reader.flag("rough", false);
    ISOLENS_TRY(reader.finish());
    Expected<std::unique_ptr<ann::Graph>> graph = path.empty() ? ann::Graph::create(options) : ann::Graph::open(path, options);
    if (!graph) return graph.status();
    graph_ = std::move(*graph);
    return Status::ok();
  }

  // add(vectors: Float32Array (n, dimension), labels: Int32Array (n))
  Napi::Value add(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "add");
    const Napi::TypedArray vectors = arguments.typed_array("vectors", napi_float32_array);
    const Napi::TypedArray labels = arguments.typed_array("labels", napi_int32_array);
    if (!arguments.status().is_ok()) return raise(info.Env(), arguments.status());
    const size_t rows = labels.ElementLength();
    if (vectors.ElementLength() != rows * static_cast<size_t>(graph_->dimension())) {
      return raise(info.Env(), invalid("add: expected vectors of " + std::to_string(graph_->dimension()) + " values, one for each of " +
                                       std::to_string(rows) + " labels, but received " + std::to_string(vectors.ElementLength()) + " values."));
    }
    const auto* values = values_of<float>(vectors);
    const auto* names = values_of<int32_t>(labels);
    const Status status = guarded([&] { return graph_->add(values, names, static_cast<int64_t>(rows)); });
    return status.is_ok() ? info.Env().Undefined() : raise(info.Env(), status);
  }

  Napi::Value count(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(graph_->count())); }

  // search(query: Float32Array (dimension), k, ef) -> Int32Array of at most k labels, best first
  Napi::Value search(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "search");
    const Napi::TypedArray query = arguments.typed_array("query", napi_float32_array);
    const int64_t k = arguments.integer("k", 1, int64_t{1} << 30);
    const int64_t ef = arguments.integer("ef", 1, int64_t{1} << 30);
    if (!arguments.status().is_ok()) return raise(info.Env(), arguments.status());
    if (query.ElementLength() != static_cast<size_t>(graph_->dimension())) {
      return raise(info.Env(), invalid("search: expected a query of " + std::to_string(graph_->dimension()) + " values but received " +
                                       std::to_string(query.ElementLength()) + "."));
    }
    const Status status = guarded([&] {
      graph_->search(values_of<float>(query), k, ef, found_);
      return Status::ok();
    });
    if (!status.is_ok()) return raise(info.Env(), status);
    Napi::Int32Array labels = Napi::Int32Array::New(info.Env(), found_.size());
    std::copy(found_.begin(), found_.end(), labels.Data());
    return labels;
  }

  // vector(place) -> Float32Array (dimension)
  Napi::Value vector(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "vector");
    const int64_t place = arguments.integer("place", 0, int64_t{1} << 30);
    if (!arguments.status().is_ok()) return raise(info.Env(), arguments.status());
    const float* row = graph_->row(place);
    if (row == nullptr) return raise(info.Env(), invalid("vector: expected the place of a row that the graph holds but received " + std::to_string(place) + "."));
    Napi::Float32Array values = Napi::Float32Array::New(info.Env(), static_cast<size_t>(graph_->dimension()));
    std::copy(row, row + graph_->dimension(), values.Data());
    return values;
  }

  // save(path)
  Napi::Value save(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "save");
    const std::string path = arguments.text("path");
    const Status status = arguments.status().is_ok() ? guarded([&] { return graph_->save(path); }) : arguments.status();
    return status.is_ok() ? info.Env().Undefined() : raise(info.Env(), status);
  }

  std::unique_ptr<ann::Graph> graph_;
  std::vector<int32_t> found_;
};

}  // namespace

Napi::Function define_graph(Napi::Env env) { return NativeGraph::define(env); }

}  // namespace isolens::addon
