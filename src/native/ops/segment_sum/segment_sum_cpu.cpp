// Sums of the rows of data: (R, D) that share a segment: (R), for as many segments as `like` has rows. Negative: ignored.
#include "../rows.h"

namespace isolens {

namespace {

class SegmentSumOp final : public Op {
 public:
  Signature signature() const override { return {3, 3, "fi*"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 2) return "data (R, D)";
    if (in[1].shape != Shape{in[0].shape[0]}) return "one segment for each row of data";
    if (in[2].rank() < 1) return "a third input of rank >= 1";
    out->shape = {in[2].shape[0], in[0].shape[1]};
    return "";
  }
  bool differentiable(size_t input, const std::vector<TensorSpec>&) const override { return input == 0; }
  bool backward_reads_input(size_t input, const std::vector<bool>&) const override { return input == 1; }

  std::string forward(OpContext& context) const override {
    const int64_t rows = context.in[0].shape[0], width = context.in[0].shape[1], segments = context.out.shape[0];
    const int32_t* segment = context.i32(1);
    for (int64_t i = 0; i < rows; i++) {
      if (segment[i] >= segments) {
        return "expected segments below " + std::to_string(segments) + " but received " + std::to_string(segment[i]) + " at row " + std::to_string(i);
      }
    }
    std::memset(context.out_f32(), 0, static_cast<size_t>(context.out.count()) * 4);
    scatter_rows(context.pool, context.out_f32(), context.f32(0), segment, rows, width, segments);
    return "";
  }
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    gather_rows(context.pool, context.dx[0], context.dy, context.i32(1), context.in[0].shape[0], context.in[0].shape[1], context.accumulate[0]);
  }
};

}  // namespace

std::unique_ptr<Op> make_segment_sum(AttributeReader&) { return std::make_unique<SegmentSumOp>(); }

}  // namespace isolens
