// One column of each row: x (V, K) by indices (V, 1). Negative indices count from the end.
#include <cstring>

#include "../loops.h"

namespace isolens {

namespace {

class GatherElementsOp final : public Op {
 public:
  explicit GatherElementsOp(AttributeReader& attributes) { attributes.integer("axis", 1, 1, 1); }
  Signature signature() const override { return {2, 2, "fi"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 2) return "data (V, K)";
    if (in[1].rank() != 2 || in[1].shape[0] != in[0].shape[0] || in[1].shape[1] != 1) return "indices (V, 1)";
    out->shape = in[1].shape;
    return "";
  }
  bool backward_reads_input(size_t input, const std::vector<bool>&) const override { return input == 1; }

  std::string forward(OpContext& context) const override {
    const int64_t rows = context.in[0].shape[0], width = context.in[0].shape[1];
    for (int64_t i = 0; i < rows; i++) {
      const int32_t index = context.i32(1)[i];
      if (index >= width || index < -width) {
        return "expected indices within " + std::to_string(width) + " columns but received " + std::to_string(index) + " at position " + std::to_string(i);
      }
      context.out_f32()[i] = context.f32(0)[i * width + column(index, width)];
    }
    return "";
  }
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const int64_t rows = context.in[0].shape[0], width = context.in[0].shape[1];
    if (!context.accumulate[0]) std::memset(context.dx[0], 0, static_cast<size_t>(rows * width) * 4);
    for (int64_t i = 0; i < rows; i++) context.dx[0][i * width + column(context.i32(1)[i], width)] += context.dy[i];
  }

 private:
  static int64_t column(int32_t index, int64_t width) { return index < 0 ? index + width : index; }
};

}  // namespace

std::unique_ptr<Op> make_gather_elements(AttributeReader& attributes) { return std::make_unique<GatherElementsOp>(attributes); }

}  // namespace isolens
