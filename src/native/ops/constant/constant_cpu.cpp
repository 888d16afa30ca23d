// A tensor of one repeated value.
#include "../loops.h"

namespace isolens {

namespace {

class ConstantOp final : public Op {
 public:
  explicit ConstantOp(AttributeReader& attributes)
      : value_(static_cast<float>(attributes.required_number("value"))), shape_(attributes.integers("shape", {}, 0, int64_t{1} << 38)) {}
  Signature signature() const override { return {0, 0, ""}; }
  std::string infer(const std::vector<TensorSpec>&, TensorSpec* out) const override {
    out->shape = shape_;
    return "";
  }
  std::string forward(OpContext& context) const override {
    std::fill_n(context.out_f32(), context.out.count(), value_);
    return "";
  }
  void backward(OpContext&) const override {}

 private:
  float value_;
  Shape shape_;
};

}  // namespace

std::unique_ptr<Op> make_constant(AttributeReader& attributes) { return std::make_unique<ConstantOp>(attributes); }

}  // namespace isolens
