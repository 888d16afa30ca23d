// Rows of data: (V, D...) by index; output indices.shape + (D...). Negative indices count from the end.
#include "../rows.h"

namespace isolens {

namespace {

class GatherOp final : public Op {
 public:
  explicit GatherOp(AttributeReader& attributes) { attributes.integer("axis", 0, 0, 0); }
  Signature signature() const override { return {2, 2, "fi"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() < 1) return "data of rank >= 1";
    out->shape = in[1].shape;
    out->shape.insert(out->shape.end(), in[0].shape.begin() + 1, in[0].shape.end());
    return "";
  }
  bool backward_reads_input(size_t input, const std::vector<bool>&) const override { return input == 1; }
  // The indices, none negative.
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, int) const override { return static_cast<size_t>(in[1].count()) * 4; }

  std::string forward(OpContext& context) const override {
    const int64_t rows = context.in[0].shape[0];
    for (int64_t i = 0; i < context.in[1].count(); i++) {
      const int32_t index = context.i32(1)[i];
      if (index >= rows || index < -rows) {
        return "expected indices within " + std::to_string(rows) + " rows but received " + std::to_string(index) + " at position " + std::to_string(i);
      }
    }
    gather_rows(context.pool, context.out_f32(), context.f32(0), resolved(context), context.in[1].count(), width(context), false);
    return "";
  }
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    if (!context.accumulate[0]) std::memset(context.dx[0], 0, static_cast<size_t>(context.in[0].count()) * 4);
    scatter_rows(context.pool, context.dx[0], context.dy, resolved(context), context.in[1].count(), width(context), context.in[0].shape[0]);
  }

 private:
  static int64_t width(const OpContext& context) {
    const Shape& shape = context.in[0].shape;
    return element_count(Shape(shape.begin() + 1, shape.end()));
  }
  static const int32_t* resolved(OpContext& context) {
    int32_t* indices = static_cast<int32_t*>(context.workspace);
    const int32_t rows = static_cast<int32_t>(context.in[0].shape[0]);
    for (int64_t i = 0; i < context.in[1].count(); i++) {
      const int32_t index = context.i32(1)[i];
      indices[i] = index < 0 ? index + rows : index;
    }
    return indices;
  }
};

}  // namespace

std::unique_ptr<Op> make_gather(AttributeReader& attributes) { return std::make_unique<GatherOp>(attributes); }

}  // namespace isolens
