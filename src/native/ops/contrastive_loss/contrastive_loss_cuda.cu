#include "../../cuda/kernels/contrastive.h"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

enum Input : size_t { kA, kB, kScale, kBias, kLabel, kMore, kGroup, kMoreGroup, kWeight, kTarget };

class ContrastiveLossOp final : public DeviceOp {
 public:
  // What the attributes may be, the operator on the processor has checked.
  explicit ContrastiveLossOp(AttributeReader& attributes)
      : smoothing_(static_cast<float>(attributes.number("smoothing", 0))), exclude_positive_(attributes.integer("excludePositive", 0, 0, 1) == 1) {
    const std::string form = attributes.word("form", "rows");
    form_ = form == "symmetric" ? LossForm::kSymmetric : form == "views" ? LossForm::kViews : form == "pairwise" ? LossForm::kPairwise : LossForm::kRows;
  }

  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, Precision precision) const override {
    return contrastive_workspace_bytes(precision, problem(in));
  }

  cudaError_t forward(const OpCall& call) const override {
    return contrastive_forward(call.precision, call.out_f32(), bound(call), static_cast<float*>(call.saved), call.workspace, call.stream);
  }

  cudaError_t backward(const OpCall& call) const override {
    ContrastiveGradients gradients;
    float** const to[] = {&gradients.a, &gradients.b, &gradients.scale, &gradients.bias, &gradients.further};
    const size_t inputs[] = {kA, kB, kScale, kBias, kMore};
    for (size_t k = 0; k < 5; k++) {
      if (!call.wants(inputs[k])) continue;
      *to[k] = call.dx[inputs[k]];
      gradients.accumulate[k] = call.accumulate[inputs[k]];
    }
    return contrastive_backward(call.precision, gradients, call.dy, bound(call), static_cast<const float*>(call.saved), call.workspace, call.stream);
  }

 private:
  ContrastiveProblem problem(const std::vector<TensorSpec>& in) const {
    ContrastiveProblem p;
    p.form = form_, p.exclude_positive = exclude_positive_, p.smoothing = smoothing_;
    p.pairs = in[kA].shape[0], p.width = in[kA].shape[1];
    if (kMore < in.size() && in[kMore].present) p.more = in[kMore].shape[0];
    return p;
  }
  ContrastiveProblem bound(const OpCall& call) const {
    ContrastiveProblem p = problem(call.in);
    p.a = call.f32(kA), p.b = call.f32(kB), p.scale = call.f32(kScale);
    p.bias = call.has(kBias) ? call.f32(kBias) : nullptr;
    p.label = call.has(kLabel) ? call.i32(kLabel) : nullptr;
    p.further = call.has(kMore) ? call.f32(kMore) : nullptr;
    p.group = call.has(kGroup) ? call.i32(kGroup) : nullptr;
    p.more_group = call.has(kMoreGroup) ? call.i32(kMoreGroup) : nullptr;
    p.weight = call.has(kWeight) ? call.f32(kWeight) : nullptr;
    p.target = call.has(kTarget) ? call.f32(kTarget) : nullptr;
    return p;
  }

  LossForm form_ = LossForm::kRows;
  float smoothing_;
  bool exclude_positive_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_contrastive_loss_cuda(AttributeReader& attributes) { return std::make_unique<ContrastiveLossOp>(attributes); }

}  // namespace isolens::cuda
