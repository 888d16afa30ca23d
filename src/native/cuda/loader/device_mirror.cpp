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
    for (const Parameter& each : all) parameters.push_back({each.value.size(), each.trainable ? 1 : 0, each.decay ? 1 : 0});
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

Status DeviceMirror::step(const AdamWOptions& options, int64_t step, const std::vector<Clamp>& clamps) {
  ISOLENS_TRY(open());
  device_is_newer_ = true;
  const IsolensCudaAdamW adam{options.learning_rate, options.beta1, options.beta2, options.epsilon, options.weight_decay, options.clip_norm};
  std::vector<IsolensCudaClamp> limits;
  for (const Clamp& clamp : clamps) {
    const Parameter* found = store_.find(clamp.parameter);
    if (found != nullptr) limits.push_back({static_cast<uint64_t>(found - store_.all().data()), clamp.minimum, clamp.maximum});
  }
  return to_status(handle_->api.mirror_step(mirror_, &adam, step, limits.data(), limits.size()));
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
