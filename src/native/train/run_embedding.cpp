// A whole embedding run from its configuration.
#include <algorithm>
#include <chrono>
#include <new>

#include "../core/safetensors.h"
#include "../cuda/loader/loader.h"
#include "embedder.h"
#include "run_config.h"
#include "trainer.h"
#include "weights.h"

namespace isolens {

Expected<Json> run_embedding(const Json& json, const TrainHooks& hooks) {
  try {
    const auto started = std::chrono::steady_clock::now();
    SettingsReader reader(json, "");
    const Json &graph = reader.any("graph"), &feeds = reader.any("feeds");
    const std::string weights = reader.text("weights"), output = reader.text("output"), path = reader.text("path");
    const std::vector<std::string> paths = reader.texts("data", true);
    EmbedderOptions options;
    options.batch = reader.integer("batch", 128, 1, 1 << 20);
    options.seed = static_cast<uint64_t>(reader.integer("seed", 0, 0));
    const std::string device_name = reader.text("device", "cpu");
    const Expected<Precision> precision = parse_precision(reader.text("precision", "f32"));
    const int threads = resolve_threads(reader.integer("threads", 0, 0, 256));
    options.feed_threads = std::max(1, threads / 8);
    const int64_t limit = reader.integer("rows", int64_t{1} << 40, 1);
    ISOLENS_TRY(reader.finish());
    if (!precision) return precision.status();
    options.precision = *precision;

    Expected<DeviceChoice> device = open_device(device_name);
    if (!device) return device.status();
    if (!device->notice.empty() && hooks.event) hooks.event(Json::object({{"event", "warning"}, {"message", device->notice}}));
    options.backend = device->backend;
    Expected<std::shared_ptr<const Dataset>> data = Dataset::open(paths);
    if (!data) return data.status();
    ThreadPool pool(threads);
    const std::unique_ptr<ParameterStore> store = make_parameter_store();
    Expected<std::unique_ptr<Embedder>> embedder = Embedder::make(graph, feeds, {output}, *data, options, *store, pool);
    if (!embedder) return embedder.status();
    std::vector<std::string> absent;
    ISOLENS_TRY(load_weights(weights, *store, &absent));
    if (!absent.empty()) return Status(Code::kCheckpointInvalid, "The weights in " + weights + " cannot be used: they lack " + absent[0] + ". They belong to another graph.");
    std::vector<EmbeddedOutput> out;
    const int64_t rows = std::min(limit, (*embedder)->rows());
    ISOLENS_TRY((*embedder)->run(rows, out, hooks.cancelled, [&](int64_t done) {
      if (hooks.event) hooks.event(Json::object({{"event", "embedded"}, {"rows", done}, {"of", rows}}));
    }));
    ISOLENS_TRY(write_file_atomically(path, out[0].data.data(), out[0].data.size() * sizeof(float)));
    return Json::object({{"rows", rows}, {"dimension", out[0].width}, {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count()}});
  } catch (const std::bad_alloc&) {
    return Status(Code::kNativeFailed, "Expected memory for the run but there is none left. Make the batch smaller.");
  }
}

}  // namespace isolens
