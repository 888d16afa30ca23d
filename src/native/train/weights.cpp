#include "weights.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace isolens {
namespace {

Status refuse(const std::string& path, const std::string& why) {
  return {Code::kCheckpointInvalid, "The weights in " + path + " cannot be used: " + why};
}

std::string hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, value);
  return text;
}

float half_to_float(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const float mantissa = static_cast<float>(half & 1023);
  float value = 0;
  if (exponent == 31) {
    value = mantissa == 0 ? INFINITY : NAN;
  } else {
    value = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(mantissa + 1024.0f, exponent - 25);
  }
  return (half & 0x8000) != 0 ? -value : value;
}

// Digest of all tensors in the order of their names.
uint64_t digest_of(const SafetensorsFile& file) {
  uint64_t digest = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    digest = digest64(tensor.data, static_cast<size_t>(tensor.count()) * element_bytes(tensor.element), digest);
  }
  return digest;
}

Status check_digest(const SafetensorsFile& file) {
  const auto found = file.metadata().find("digest");
  if (found == file.metadata().end() || found->second == hex(digest_of(file))) return Status::ok();
  return refuse(file.path(), "its content does not match its digest, so it was damaged. Use another copy.");
}

Status copy_tensor(const SafetensorsFile& file, const std::string& name, const Parameter& parameter, std::vector<float>& to) {
  const StoredTensor* tensor = file.find(name);
  if (tensor == nullptr) return refuse(file.path(), "expected tensor " + name + " but there is none. It belongs to another graph.");
  if (tensor->shape != parameter.shape) {
    return refuse(file.path(), "expected tensor " + name + " of " + std::to_string(to.size()) + " values in the parameter's shape but received another shape. It belongs to another graph.");
  }
  if (tensor->element == Element::kF32) {
    if (!to.empty()) std::memcpy(to.data(), tensor->data, to.size() * sizeof(float));
  } else if (tensor->element == Element::kF16) {
    for (size_t i = 0; i < to.size(); i++) to[i] = half_to_float(tensor->as<uint16_t>()[i]);
  } else {
    return refuse(file.path(), "expected tensor " + name + " as F32 or F16 but received " + element_name(tensor->element) + ".");
  }
  for (const float value : to) {
    if (!std::isfinite(value)) return refuse(file.path(), "tensor " + name + " holds values that are not finite.");
  }
  return Status::ok();
}

// The caller keeps `store` unchanged while the file is written.
Status save(const std::string& path, ParameterStore& store, const CheckpointFacts& facts, bool moments) {
  ISOLENS_TRY(store.download());
  std::map<std::string, TensorToStore> sorted;
  const auto add = [&](const std::string& name, const Parameter& parameter, const std::vector<float>& values) {
    sorted[name] = {name, Element::kF32, parameter.shape, values.data()};
  };
  for (const Parameter& parameter : store.all()) {
    add("param/" + parameter.name, parameter, parameter.value);
    if (!moments || !parameter.trainable) continue;
    add("adam.m/" + parameter.name, parameter, parameter.moment1);
    add("adam.v/" + parameter.name, parameter, parameter.moment2);
  }
  std::vector<TensorToStore> tensors;
  uint64_t digest = 0;
  for (const auto& [name, tensor] : sorted) {
    size_t bytes = sizeof(float);
    for (const int64_t d : tensor.shape) bytes *= static_cast<size_t>(d);
    digest = digest64(tensor.data, bytes, digest);
    tensors.push_back(tensor);
  }
  char metric[32];
  std::snprintf(metric, sizeof metric, "%.17g", facts.best_metric);
  return write_safetensors(path, tensors,
                           {{"format", moments ? "isolens-checkpoint-1" : "isolens-weights-1"},
                            {"step", std::to_string(facts.step)},
                            {"seed", std::to_string(facts.seed)},
                            {"configHash", facts.config_digest},
                            {"dataHash", facts.data_digest},
                            {"bestMetric", metric},
                            {"bestStep", std::to_string(facts.best_step)},
                            {"digest", hex(digest)}});
}

}  // namespace

Status load_weights(const std::string& path, ParameterStore& store, std::vector<std::string>* absent) {
  Expected<std::shared_ptr<const SafetensorsFile>> opened = SafetensorsFile::open(path, Code::kCheckpointInvalid);
  if (!opened) return opened.status();
  const SafetensorsFile& file = **opened;
  ISOLENS_TRY(check_digest(file));
  // What the file lacks stays as it is.
  ISOLENS_TRY(store.download());
  store.changed();
  size_t found = 0;
  for (Parameter& parameter : store.all()) {
    if (file.find("param/" + parameter.name) == nullptr) {
      absent->push_back(parameter.name);
      continue;
    }
    ISOLENS_TRY(copy_tensor(file, "param/" + parameter.name, parameter, parameter.value));
    found++;
  }
  if (found == 0 && !store.all().empty()) return refuse(path, "it holds none of the graph's parameters. It belongs to another graph.");
  return Status::ok();
}

bool all_trained_absent(ParameterStore& store, const std::vector<std::string>& absent) {
  return std::all_of(store.all().begin(), store.all().end(), [&](const Parameter& each) {
    return !each.trainable || std::find(absent.begin(), absent.end(), each.name) != absent.end();
  });
}

std::string first_names(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < 8; i++) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > 8 ? text + ", ..." : text;
}

Status save_weights(const std::string& path, ParameterStore& store, const CheckpointFacts& facts) { return save(path, store, facts, false); }

Status save_checkpoint(const std::string& path, ParameterStore& store, const CheckpointFacts& facts) { return save(path, store, facts, true); }

Expected<CheckpointFacts> load_checkpoint(const std::string& path, ParameterStore& store) {
  Expected<std::shared_ptr<const SafetensorsFile>> opened = SafetensorsFile::open(path, Code::kCheckpointInvalid);
  if (!opened) return opened.status();
  const SafetensorsFile& file = **opened;
  const auto text = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  if (text("format") != "isolens-checkpoint-1") return refuse(path, "expected a checkpoint but received weights without optimiser state. Start from them with \"initial\" instead.");
  ISOLENS_TRY(check_digest(file));
  ISOLENS_TRY(store.download());
  store.changed();
  for (Parameter& parameter : store.all()) {
    ISOLENS_TRY(copy_tensor(file, "param/" + parameter.name, parameter, parameter.value));
    if (!parameter.trainable) continue;
    ISOLENS_TRY(copy_tensor(file, "adam.m/" + parameter.name, parameter, parameter.moment1));
    ISOLENS_TRY(copy_tensor(file, "adam.v/" + parameter.name, parameter, parameter.moment2));
  }
  CheckpointFacts facts;
  facts.step = std::strtoll(text("step").c_str(), nullptr, 10);
  facts.seed = std::strtoull(text("seed").c_str(), nullptr, 10);
  facts.config_digest = text("configHash");
  facts.data_digest = text("dataHash");
  facts.best_metric = std::strtod(text("bestMetric").c_str(), nullptr);
  facts.best_step = std::strtoll(text("bestStep").c_str(), nullptr, 10);
  if (facts.step < 0) return refuse(path, "expected a step of at least 0.");
  return facts;
}

Expected<CheckpointFacts> load_checkpoint_of(const CheckpointFacts& own, const std::string& path, ParameterStore& store, std::string* doubt) {
  Expected<CheckpointFacts> facts = load_checkpoint(path, store);
  if (!facts) return facts.status();
  if (!facts->data_digest.empty() && facts->data_digest != own.data_digest) {
    return Status(Code::kCheckpointInvalid, "Expected the data that the checkpoint " + path + " was written on but received other data. Give the same sources to go on, or begin in " +
                                                "another folder with --initial " + path + ".");
  }
  // A longer schedule is a common reason.
  if (facts->config_digest != own.config_digest) {
    *doubt = "The checkpoint " + path + " was written under another configuration; the run goes on from its step, but not to the same losses.";
  }
  return facts;
}

}  // namespace isolens
