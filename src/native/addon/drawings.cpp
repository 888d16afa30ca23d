#include "drawings.h"

#include "../drawing/drawing.h"
#include "../feeds/feed.h"
#include "../train/run_config.h"
#include "convert.h"

namespace isolens::addon {
namespace {

Status render(const std::string& path, const std::string& column, const Napi::TypedArray& rows, const Json& json, Napi::Env env, Napi::Value& result) {
  SettingsReader reader(json, "options");
  const int64_t height = reader.integer("height", -1, 16, 1024), width = reader.integer("width", -1, 16, 1024);
  const double strength = reader.number("strength", 1, 0, 1), picture_share = reader.number("pictureShare", 1, 0, 1);
  const std::string pictures = reader.text("pictures", "");
  const uint64_t seed = static_cast<uint64_t>(reader.integer("seed", 0, 0));
  ISOLENS_TRY(reader.finish());
  Expected<std::shared_ptr<const Dataset>> data = Dataset::open({path});
  if (!data) return data.status();
  FeedSpec spec;
  spec.kind = "drawing";
  spec.column = column;
  spec.options.set("height", height).set("width", width).set("strength", strength).set("pictures", pictures).set("pictureShare", picture_share);
  Expected<std::unique_ptr<Feed>> feed = make_feed(spec, *data);
  if (!feed) return feed.status();

  const size_t n = rows.ElementLength();
  const auto* chosen = reinterpret_cast<const int32_t*>(static_cast<const char*>(rows.ArrayBuffer().Data()) + rows.ByteOffset());
  std::vector<Visit> visits(n);
  for (size_t i = 0; i < n; i++) {
    if (chosen[i] < 0 || chosen[i] >= (*data)->rows()) {
      return invalid("Expected rows below " + std::to_string((*data)->rows()) + " but received " + std::to_string(chosen[i]) + ".");
    }
    visits[i] = {chosen[i], seed, mix_stream(static_cast<uint64_t>(chosen[i]), i), true};
  }
  if (n * static_cast<size_t>(height * width) > (size_t{1} << 30)) return invalid("Expected at most 2^30 pixels in one call but received more. Render fewer rows at a time.");
  FeedBatch batch;
  batch.inputs.resize(1);
  (*feed)->plan(visits, batch);
  for (size_t i = 0; i < n; i++) ISOLENS_TRY((*feed)->fill(visits, static_cast<int64_t>(i), batch));
  const Napi::Float32Array pixels = Napi::Float32Array::New(env, batch.inputs[0].f32.size());
  if (n > 0) std::memcpy(pixels.ArrayBuffer().Data(), batch.inputs[0].f32.data(), batch.inputs[0].f32.size() * sizeof(float));
  result = pixels;
  return Status::ok();
}

}  // namespace

Napi::Value render_drawings(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Arguments arguments(info, "renderDrawings");
  const std::string path = arguments.text("path"), column = arguments.text("column");
  const Napi::TypedArray rows = arguments.typed_array("rows", napi_int32_array);
  const Json options = arguments.json("options");
  Napi::Value result = env.Undefined();
  const Status status = arguments.status().is_ok() ? guarded([&] { return render(path, column, rows, options, env, result); }) : arguments.status();
  return status.is_ok() ? result : raise(env, status);
}

Napi::Value normalise(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Arguments arguments(info, "normaliseDrawing");
  const Napi::TypedArray gray = arguments.typed_array("gray", napi_uint8_array);
  const int64_t rows = arguments.integer("rows", 1, 100000), columns = arguments.integer("columns", 1, 100000);
  const int64_t height = arguments.integer("height", 16, 1024), width = arguments.integer("width", 16, 1024);
  if (!arguments.status().is_ok()) return raise(env, arguments.status());
  if (gray.ElementLength() != static_cast<size_t>(rows * columns)) {
    return raise(env, invalid("normaliseDrawing: expected " + std::to_string(rows * columns) + " bytes for gray but received " + std::to_string(gray.ElementLength()) + "."));
  }
  const auto* pixels = static_cast<const uint8_t*>(gray.ArrayBuffer().Data()) + gray.ByteOffset();
  const Napi::Float32Array out = Napi::Float32Array::New(env, static_cast<size_t>(height * width));
  bool ink = false;
  const Status status = guarded([&] {
    ink = normalise_drawing(static_cast<float*>(out.ArrayBuffer().Data()), static_cast<int>(height), static_cast<int>(width), pixels,
                            static_cast<int>(rows), static_cast<int>(columns));
    return Status::ok();
  });
  if (!status.is_ok()) return raise(env, status);
  return ink ? static_cast<Napi::Value>(out) : env.Null();
}

}  // namespace isolens::addon
