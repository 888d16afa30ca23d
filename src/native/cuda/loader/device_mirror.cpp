#include "device_backend.h"

namespace isolens {

namespace {

std::vector<float>* kinds(Parameter& parameter, int kind) {
  std::vector<float>* all[] = {&parameter.value, &parameter.grad, &parameter.moment1, &parameter.moment2};
  return all[kind];
}

}  // namespace

void DeviceMirror::close() {
  if (mirror_ != nullptr) handle_->api.mirror_close(mirror_);
  mirror_ = nullptr;
}

Status DeviceMirror::open() {
  const std::vector<Parameter>& all = store_.all();
  if (mirror_ == nullptr || parameters_ != all.size()) {
    if (mirror_ != nullptr) ISOLENS_TRY(download());
    close();
    std::vector<IsolensCudaParameter> parameters;
    for (const Parameter& each : all) parameters.push_back({each.value.size(), each.frozen_until, each.trainable ? 1 : 0, each.decay ? 1 : 0});
    ISOLENS_TRY(to_status(handle_->api.mirror_open(handle_->device, parameters.data(), parameters.size(), &mirror_)));
    parameters_ = all.size();
    generation_++;
    host_is_newer_ = true;
  }
  return host_is_newer_ ? upload() : Status::ok();
}

Status DeviceMirror::upload() {
  std::vector<Parameter>& all = store_.all();
  for (size_t p = 0; p < all.size(); p++) {
    all[p].settle_gradient();
    for (int kind = 0; kind < 4; kind++) {
      const std::vector<float>& from = *kinds(all[p], kind);
      if (!from.empty()) ISOLENS_TRY(to_status(handle_->api.mirror_upload(mirror_, kind, p, from.data())));
    }
  }
  host_is_newer_ = device_is_newer_ = false;
  return Status::ok();
}

Status DeviceMirror::download() {
  if (mirror_ == nullptr || !device_is_newer_) return Status::ok();
  std::vector<Parameter>& all = store_.all();
  for (size_t p = 0; p < parameters_; p++) {
    for (int kind = 0; kind < 4; kind++) {
      std::vector<float>& to = *kinds(all[p], kind);
      if (!to.empty()) ISOLENS_TRY(to_status(handle_->api.mirror_download(mirror_, kind, p, to.data())));
    }
  }
  device_is_newer_ = false;
  return Status::ok();
}

Status DeviceMirror::zero_grad() {
  ISOLENS_TRY(open());
  device_is_newer_ = true;
  return to_status(handle_->api.mirror_zero_gradients(mirror_));
}

Status DeviceMirror::step(const AdamWOptions& options, int64_t step) {
  ISOLENS_TRY(open());
  device_is_newer_ = true;
  const IsolensCudaAdamW adam{options.learning_rate, options.beta1, options.beta2, options.epsilon, options.weight_decay, options.clip_norm};
  return to_status(handle_->api.mirror_step(mirror_, &adam, step));
}

Status DeviceMirror::apply(const Rule& rule) {
  using Kind = Rule::Kind;
  const std::vector<Parameter>& all = store_.all();
  const auto place_of = [&](const std::string& name) { return static_cast<uint64_t>(store_.find(name) - all.data()); };
  const Parameter* target = store_.find(rule.parameter);
  if (rule.kind == Kind::kFreeze || target == nullptr || (rule.kind == Kind::kAverage && store_.find(rule.source) == nullptr)) return Status::ok();
  ISOLENS_TRY(open());
  device_is_newer_ = true;
  IsolensCudaRule asked = {};
  asked.kind = rule.kind == Kind::kClamp ? ISOLENS_CUDA_CLAMP : rule.kind == Kind::kUnitRows ? ISOLENS_CUDA_UNIT_ROWS : ISOLENS_CUDA_AVERAGE;
  asked.minimum = rule.minimum;
  asked.maximum = rule.maximum;
  asked.momentum = rule.momentum;
  asked.parameter = place_of(rule.parameter);
  asked.count = target->value.size();
  if (rule.kind == Kind::kUnitRows) asked.width = static_cast<uint64_t>(target->shape[1]);
  if (rule.kind == Kind::kAverage) asked.followed = place_of(rule.source);
  return to_status(handle_->api.mirror_apply(mirror_, &asked));
}

Status DeviceMirror::take(size_t parameter, int64_t offset, const float* from, int64_t count) {
  device_is_newer_ = true;
  IsolensCudaRule asked = {};
  asked.kind = ISOLENS_CUDA_TAKE;
  asked.parameter = parameter;
  asked.count = static_cast<uint64_t>(count);
  asked.offset = static_cast<uint64_t>(offset);
  asked.taken = from;
  return to_status(handle_->api.mirror_apply(mirror_, &asked));
}

Status DeviceMirror::scatter(size_t parameter, const int32_t* rows, const float* from, int64_t count) {
  device_is_newer_ = true;
  const Parameter& target = store_.all()[parameter];
  IsolensCudaRule asked = {};
  asked.kind = ISOLENS_CUDA_SCATTER;
  asked.parameter = parameter;
  asked.count = target.value.size();
  asked.width = static_cast<uint64_t>(target.shape[1]);
  asked.taken = from;
  asked.rows = rows;
  asked.taken_rows = static_cast<uint64_t>(count);
  return to_status(handle_->api.mirror_apply(mirror_, &asked));
}

Expected<StepNumbers> DeviceMirror::take() {
  ISOLENS_TRY(open());
  IsolensCudaNumbers numbers;
  ISOLENS_TRY(to_status(handle_->api.mirror_take(mirror_, &numbers)));
  StepNumbers result;
  result.sums.assign(numbers.sums, numbers.sums + scalars_);
  result.last.assign(numbers.last, numbers.last + scalars_);
  result.steps = numbers.steps;
  result.gradient_norm = numbers.gradient_norm;
  result.bad_step = numbers.bad_step;
  result.bad_loss = numbers.bad_loss != 0;
  return result;
}

}  // namespace isolens
