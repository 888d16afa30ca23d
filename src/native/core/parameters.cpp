#include "parameters.h"

#include <unordered_map>

#include "rng.h"
#include "rules.h"

namespace isolens {

namespace {

class Store final : public ParameterStore {
 public:
  std::vector<Parameter>& all() override { return parameters_; }

  Parameter* find(const std::string& name) override {
    const auto found = index_.find(name);
    if (found != index_.end() && found->second < parameters_.size() && parameters_[found->second].name == name) return &parameters_[found->second];
    // all() is open to additions by others.
    for (size_t i = 0; i < parameters_.size(); i++) {
      if (parameters_[i].name != name) continue;
      index_[name] = i;
      return &parameters_[i];
    }
    return nullptr;
  }

  void zero_grad() override {
    // What fails on a device is reported by the pass after it.
    if (mirror_ != nullptr && mirror_->zero_grad().is_ok()) return;
    for (Parameter& parameter : parameters_) parameter.grad_is_stale = !parameter.grad.empty();
  }

  std::shared_ptr<ParameterMirror>& mirror() override { return mirror_; }

 private:
  std::shared_ptr<ParameterMirror> mirror_;
  std::vector<Parameter> parameters_;
  std::unordered_map<std::string, size_t> index_;
};

void initialise(const GraphParameter& from, uint64_t seed, std::vector<float>* values) {
  const float scale = static_cast<float>(from.init_value);
  Rng rng(seed, hash_name(from.name));
  for (float& value : *values) {
    switch (from.init) {
      case InitKind::kZeros: value = 0; break;
      case InitKind::kOnes: value = 1; break;
      case InitKind::kConstant: value = scale; break;
      case InitKind::kNormal: value = scale * rng.normal(); break;
      case InitKind::kUniform: value = rng.uniform(-scale, scale); break;
      case InitKind::kUnitRows: value = rng.normal(); break;
      case InitKind::kCopy: break;
    }
  }
}

// A copy has found what it copies: parsing asks for it to stand before.
void start(const GraphParameter& from, uint64_t seed, ParameterStore& store, Parameter* added) {
  initialise(from, seed, &added->value);
  if (from.init == InitKind::kUnitRows) unit_rows(*added);
  if (from.init != InitKind::kCopy) return;
  const Parameter* source = store.find(from.init_of);
  if (source != nullptr && source->value.size() == added->value.size()) added->value = source->value;
}

}  // namespace

uint64_t hash_name(const std::string& name) {
  uint64_t hash = 0xcbf29ce484222325ull;  // FNV-1a
  for (unsigned char c : name) hash = (hash ^ c) * 0x100000001b3ull;
  return hash;
}

std::unique_ptr<ParameterStore> make_parameter_store() { return std::make_unique<Store>(); }

Status add_parameters(const Graph& graph, uint64_t seed, ParameterStore* store, std::vector<size_t>* indices) {
  for (const GraphParameter& wanted : graph.parameters) {
    const Parameter* existing = store->find(wanted.name);
    if (existing != nullptr && (existing->shape != wanted.shape || existing->trainable != wanted.trainable)) {
      return Status(Code::kGraphInvalid, "Parameter " + wanted.name + ": expected " + describe(wanted.shape) +
                                             (wanted.trainable ? ", trainable," : ", not trainable,") + " but the store has " +
                                             describe(existing->shape) + (existing->trainable ? ", trainable." : ", not trainable."));
    }
    if (existing == nullptr) {
      Parameter added;
      added.name = wanted.name;
      added.shape = wanted.shape;
      added.trainable = wanted.trainable;
      added.decay = wanted.decay;
      const size_t count = static_cast<size_t>(element_count(wanted.shape));
      added.value.resize(count);
      start(wanted, seed, *store, &added);
      if (wanted.trainable) {
        for (std::vector<float>* each : {&added.grad, &added.moment1, &added.moment2}) each->assign(count, 0.0f);
      }
      store->all().push_back(std::move(added));
      existing = store->find(wanted.name);
    }
    indices->push_back(static_cast<size_t>(existing - store->all().data()));
  }
  for (const Rule& rule : graph.rules) {
    if (rule.kind == Rule::Kind::kFreeze) store->find(rule.parameter)->frozen_until = rule.until;
  }
  return Status::ok();
}

}  // namespace isolens
