#include "chemistry.h"

#include <utility>

#include "../chem/common_part.h"
#include "../chem/featurise.h"
#include "../train/run_config.h"
#include "convert.h"

namespace isolens::addon {
namespace {

using chem::Features;
using chem::FeatureRequest;
using chem::Fingerprint;
using chem::FingerprintKind;

constexpr int64_t kMostBits = 65536, kMostRadius = 16, kMostThreads = 256;

struct KindName {
  const char* name;
  FingerprintKind kind;
};

constexpr KindName kKinds[] = {{"morgan", FingerprintKind::kMorgan},
                               {"feature-morgan", FingerprintKind::kFeatureMorgan},
                               {"atom-pair", FingerprintKind::kAtomPair},
                               {"topological-torsion", FingerprintKind::kTorsion},
                               {"pharmacophore-pair", FingerprintKind::kPharmacophorePair},
                               {"pattern", FingerprintKind::kPattern}};

Status read_fingerprint(const Json& json, Fingerprint& out) {
  SettingsReader reader(json, "fingerprint");
  const std::string kind = reader.text("kind");
  out.bits = static_cast<uint32_t>(reader.integer("bits", 2048, 8, kMostBits));
  out.radius = static_cast<int>(reader.integer("radius", 2, 0, kMostRadius));
  ISOLENS_TRY(reader.finish());
  if (out.bits % 8 != 0) return invalid("Expected a fingerprint of a multiple of 8 bits but received " + std::to_string(out.bits) + ".");
  for (const KindName& known : kKinds) {
    if (kind != known.name) continue;
    out.kind = known.kind;
    return Status::ok();
  }
  return invalid("Expected the kind of a fingerprint but received \"" + kind + "\".");
}

Status read_request(const Json& json, FeatureRequest& out) {
  SettingsReader reader(json, "request");
  for (const Json& one : reader.any("bits").items()) ISOLENS_TRY(read_fingerprint(one, out.bits.emplace_back()));
  for (const Json& column : reader.any("counts").items()) {
    out.counts.emplace_back();
    for (const Json& one : column.items()) ISOLENS_TRY(read_fingerprint(one, out.counts.back().emplace_back()));
  }
  out.descriptors = reader.flag("descriptors", false);
  out.scaffold = reader.flag("scaffold", false);
  out.scaffold_key = reader.flag("scaffoldKey", false);
  out.pharmacophore = reader.flag("pharmacophore", false);
  out.alerts = reader.flag("alerts", false);
  out.graph = reader.flag("graph", false);
  return reader.finish();
}

template <typename Array, typename Value>
Array copied(Napi::Env env, const std::vector<Value>& values) {
  const Array array = Array::New(env, values.size());
  if (!values.empty()) std::memcpy(static_cast<char*>(array.ArrayBuffer().Data()), values.data(), values.size() * sizeof(Value));
  return array;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) {
    all += text;
    all += '\n';
  }
  return all;
}

Napi::Object to_object(Napi::Env env, const chem::GraphColumns& graphs) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("atomOffsets", copied<Napi::Int32Array>(env, graphs.atom_offsets));
  out.Set("bondOffsets", copied<Napi::Int32Array>(env, graphs.bond_offsets));
  out.Set("ringOffsets", copied<Napi::Int32Array>(env, graphs.ring_offsets));
  out.Set("element", copied<Napi::Uint8Array>(env, graphs.element));
  out.Set("hydrogens", copied<Napi::Uint8Array>(env, graphs.hydrogens));
  out.Set("aromatic", copied<Napi::Uint8Array>(env, graphs.aromatic));
  out.Set("charge", copied<Napi::Int8Array>(env, graphs.charge));
  out.Set("isotope", copied<Napi::Uint16Array>(env, graphs.isotope));
  out.Set("begin", copied<Napi::Uint16Array>(env, graphs.begin));
  out.Set("end", copied<Napi::Uint16Array>(env, graphs.end));
  out.Set("order", copied<Napi::Uint8Array>(env, graphs.order));
  out.Set("aromaticBond", copied<Napi::Uint8Array>(env, graphs.aromatic_bond));
  out.Set("ringSizes", copied<Napi::Uint16Array>(env, graphs.ring_sizes));
  out.Set("ringAtoms", copied<Napi::Uint16Array>(env, graphs.ring_atoms));
  return out;
}

Napi::Object to_object(Napi::Env env, const Features& features) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("understood", copied<Napi::Uint8Array>(env, features.understood));
  Napi::Array bits = Napi::Array::New(env), counts = Napi::Array::New(env);
  for (uint32_t c = 0; c < features.bits.size(); ++c) bits.Set(c, copied<Napi::Uint8Array>(env, features.bits[c]));
  for (uint32_t c = 0; c < features.counts.size(); ++c) {
    Napi::Object column = Napi::Object::New(env);
    column.Set("indices", copied<Napi::Uint16Array>(env, features.counts[c].indices));
    column.Set("values", copied<Napi::Uint8Array>(env, features.counts[c].values));
    column.Set("offsets", copied<Napi::BigInt64Array>(env, features.counts[c].offsets));
    counts.Set(c, column);
  }
  out.Set("bits", bits);
  out.Set("counts", counts);
  out.Set("descriptors", copied<Napi::Float32Array>(env, features.descriptors));
  out.Set("pharmacophore", copied<Napi::Uint8Array>(env, features.pharmacophore));
  out.Set("alerts", copied<Napi::Uint8Array>(env, features.alerts));
  std::vector<uint32_t> keys;
  for (const auto& key : features.scaffold_keys) keys.insert(keys.end(), key.begin(), key.end());
  out.Set("scaffoldKeys", copied<Napi::Uint32Array>(env, keys));
  out.Set("scaffolds", joined(features.scaffolds));
  out.Set("graphs", to_object(env, features.graphs));
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return lines;
}

// What one molecule shares with others: for each, how many atoms are kept and swapped (-1 where one is not understood), and the pairs.
Napi::Value common_parts(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Arguments arguments(info, "commonParts");
  const std::string from = arguments.text("from"), to = arguments.text("to");
  if (!arguments.status().is_ok()) return raise(env, arguments.status());
  std::vector<int32_t> counts, pairs;
  const Status status = guarded([&] {
    chem::Graph first, second;
    const bool is_read = chem::read_smiles(from, first);
    const chem::Frame frame(first);
    for (const std::string_view text : lines_of(to)) {
      if (!is_read || !chem::read_smiles(text, second)) {
        counts.insert(counts.end(), {-1, -1});
        continue;
      }
      const chem::CommonPart part = chem::common_part(frame, chem::Frame(second));
      counts.insert(counts.end(), {static_cast<int32_t>(part.kept.size()), static_cast<int32_t>(part.swapped.size())});
      for (const auto* list : {&part.kept, &part.swapped}) {
        for (const auto& [x, y] : *list) pairs.insert(pairs.end(), {x, y});
      }
    }
    return Status::ok();
  });
  if (!status.is_ok()) return raise(env, status);
  Napi::Object out = Napi::Object::New(env);
  out.Set("counts", copied<Napi::Int32Array>(env, counts));
  out.Set("pairs", copied<Napi::Int32Array>(env, pairs));
  return out;
}

class NativeFeaturiser : public Napi::ObjectWrap<NativeFeaturiser> {
 public:
  explicit NativeFeaturiser(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Arguments arguments(info, "NativeFeaturiser");
    const Json settings = arguments.json("settings");
    Status status = arguments.status();
    if (status.is_ok()) status = guarded([&] { return open(settings); });
    if (!status.is_ok()) raise(info.Env(), status);
  }

  Napi::Value compute(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "compute");
    const std::string text = arguments.text("smiles");
    const Json json = arguments.json("request");
    const int64_t threads = arguments.integer("threads", 1, kMostThreads);
    Napi::Value result = info.Env().Undefined();
    Status status = arguments.status();
    if (status.is_ok()) {
      status = guarded([&] {
        FeatureRequest request;
        ISOLENS_TRY(read_request(json, request));
        result = to_object(info.Env(), featuriser_->compute(lines_of(text), request, static_cast<int>(threads)));
        return Status::ok();
      });
    }
    return status.is_ok() ? result : raise(info.Env(), status);
  }

 private:
  Status open(const Json& settings) {
    SettingsReader reader(settings, "settings");
    const std::vector<std::string> alerts = reader.texts("alerts", true);
    ISOLENS_TRY(reader.finish());
    auto made = chem::Featuriser::create(alerts);
    if (!made) return made.status();
    featuriser_ = *made;
    return Status::ok();
  }

  std::shared_ptr<const chem::Featuriser> featuriser_;
};

}  // namespace

Napi::Value define_featuriser(Napi::Env env) {
  return Napi::ObjectWrap<NativeFeaturiser>::DefineClass(env, "NativeFeaturiser", {NativeFeaturiser::InstanceMethod("compute", &NativeFeaturiser::compute)});
}

Napi::Value define_common_parts(Napi::Env env) { return Napi::Function::New(env, common_parts, "commonParts"); }

}  // namespace isolens::addon
