// y[i][j] = 1 where label[i] == label[j], otherwise 0. label: (N) i32, y: (N, N).
#include "../../core/op.h"

namespace isolens {
namespace {

class SameLabelOp final : public Op {
 public:
  Signature signature() const override { return {1, 1, "i"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 1) return "labels (N)";
    out->dtype = DType::kF32;
    out->shape = {in[0].shape[0], in[0].shape[0]};
    return "";
  }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    const int32_t* label = context.i32(0);
    float* y = context.out_f32();
    const int64_t n = context.in[0].shape[0];
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < n; j++) y[i * n + j] = label[i] == label[j] ? 1.0f : 0.0f;
    }
    return "";
  }
  void backward(OpContext&) const override {}
};

}  // namespace

std::unique_ptr<Op> make_same_label(AttributeReader&) { return std::make_unique<SameLabelOp>(); }

}  // namespace isolens
