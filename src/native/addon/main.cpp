// The addon's exports. No globals: each JavaScript thread that loads it has its own.
#include <napi.h>

#include "../kernels/kernels.h"
#include "../train/run_config.h"
#include "ann.h"
#include "chemistry.h"
#include "drawings.h"
#include "files.h"
#include "program.h"
#include "scan.h"
#include "tiles.h"
#include "training.h"

namespace {

Napi::Value info_of(const Napi::CallbackInfo& info) {
  Napi::Object facts = Napi::Object::New(info.Env());
  facts.Set("version", "1");
  facts.Set("hasBf16", isolens::has_bf16());
  facts.Set("threads", isolens::resolve_threads(0));
  return facts;
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("info", Napi::Function::New(env, info_of, "info"));
  exports.Set("train", Napi::Function::New(env, isolens::addon::start_training, "train"));
  exports.Set("renderDrawings", Napi::Function::New(env, isolens::addon::render_drawings, "renderDrawings"));
  exports.Set("renderTiles", Napi::Function::New(env, isolens::addon::render_tiles, "renderTiles"));
  exports.Set("drawingClasses", Napi::Function::New(env, isolens::addon::classes, "drawingClasses"));
  exports.Set("normaliseDrawing", Napi::Function::New(env, isolens::addon::normalise, "normaliseDrawing"));
  exports.Set("mapFile", Napi::Function::New(env, isolens::addon::map_file, "mapFile"));
  exports.Set("commonParts", isolens::addon::define_common_parts(env));
  exports.Set("NativeFeaturiser", isolens::addon::define_featuriser(env));
  exports.Set("NativeScan", isolens::addon::define_scan(env));
  exports.Set("NativeProgram", isolens::addon::define_program(env));
  exports.Set("NativeGraph", isolens::addon::define_graph(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(isolens, initialise)
