#include "tiles.h"

#include "../drawing/classes.h"
#include "../drawing/tile.h"
#include "../feeds/feed.h"
#include "../feeds/layouts.h"
#include "../train/run_config.h"
#include "convert.h"

namespace isolens::addon {
namespace {

Json truth_of(const DrawingTruth& truth) {
  const auto number = [](float x) { return Json(static_cast<double>(x)); };
  const auto whole = [](auto x) { return Json(static_cast<int64_t>(x)); };
  Json atoms = Json::array(), bonds = Json::array();
  for (const DrawnAtom& atom : truth.atoms) atoms.push(Json::array({number(atom.x), number(atom.y), whole(atom.kind), whole(atom.charge)}));
  for (const DrawnBond& bond : truth.bonds) {
    bonds.push(Json::array({number(bond.x[0]), number(bond.y[0]), number(bond.x[1]), number(bond.y[1]), whole(bond.order), whole(bond.stereo)}));
  }
  return Json::object({{"atoms", std::move(atoms)}, {"bonds", std::move(bonds)}});
}

Status render(const std::string& path, const std::string& column, const Napi::TypedArray& rows, const Json& json, Napi::Env env, Napi::Value& result) {
  SettingsReader reader(json, "options");
  TileOptions options;
  options.height = static_cast<int>(reader.integer("height", -1, 16, 1024));
  options.width = static_cast<int>(reader.integer("width", -1, 16, 1024));
  options.bond = static_cast<float>(reader.number("bond", 16, 4, 100));
  options.strength = static_cast<float>(reader.number("strength", 1, 0, 1));
  options.invented = reader.flag("invented", true);
  const uint64_t seed = static_cast<uint64_t>(reader.integer("seed", 0, 0));
  ISOLENS_TRY(reader.finish());
  Expected<std::shared_ptr<const Dataset>> data = Dataset::open({path});
  if (!data) return data.status();
  LayoutFile file;
  ISOLENS_TRY(file.open((*data)->files()[0], column));
  const size_t n = rows.ElementLength(), size = static_cast<size_t>(options.height) * options.width;
  if (n * size > (size_t{1} << 30)) return invalid("Expected at most 2^30 pixels in one call but received more. Render fewer rows at a time.");
  const auto* chosen = reinterpret_cast<const int32_t*>(static_cast<const char*>(rows.ArrayBuffer().Data()) + rows.ByteOffset());
  const Napi::Float32Array pixels = Napi::Float32Array::New(env, n * size);
  Json truths = Json::array();
  StoredLayout stored;
  DrawingTruth truth;
  for (size_t i = 0; i < n; i++) {
    if (chosen[i] < 0 || chosen[i] >= (*data)->rows()) {
      return invalid("Expected rows below " + std::to_string((*data)->rows()) + " but received " + std::to_string(chosen[i]) + ".");
    }
    Rng rng(seed, mix_stream(static_cast<uint64_t>(chosen[i]), i));
    ISOLENS_TRY(file.read(chosen[i], rng.below(static_cast<uint32_t>(file.layouts())), stored));
    render_tile(static_cast<float*>(pixels.ArrayBuffer().Data()) + i * size, truth, stored.layout, options, rng);
    truths.push(truth_of(truth));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("pixels", pixels);
  object.Set("truth", Napi::String::New(env, truths.dump()));
  result = object;
  return Status::ok();
}

}  // namespace

Napi::Value classes(const Napi::CallbackInfo& info) {
  Json all = Json::array();
  for (const DrawingClass& one : drawing_classes()) {
    all.push(Json::object({{"label", one.label}, {"element", static_cast<int64_t>(one.element)}, {"isotope", static_cast<int64_t>(one.isotope)}, {"smiles", one.smiles}}));
  }
  return Napi::String::New(info.Env(), all.dump());
}

Napi::Value render_tiles(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Arguments arguments(info, "renderTiles");
  const std::string path = arguments.text("path"), column = arguments.text("column");
  const Napi::TypedArray rows = arguments.typed_array("rows", napi_int32_array);
  const Json options = arguments.json("options");
  Napi::Value result = env.Undefined();
  const Status status = arguments.status().is_ok() ? guarded([&] { return render(path, column, rows, options, env, result); }) : arguments.status();
  return status.is_ok() ? result : raise(env, status);
}

}  // namespace isolens::addon
