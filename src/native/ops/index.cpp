// The operators. Adding one: a folder ops/<op>/ and one line here.
#include "../core/op.h"

#define ISOLENS_OPS(OP)                                \
  OP("Add", make_add)                                  \
  OP("AddRelu", make_add_relu)                         \
  OP("Sub", make_sub)                                  \
  OP("Mul", make_mul)                                  \
  OP("Div", make_div)                                  \
  OP("Neg", make_neg)                                  \
  OP("Exp", make_exp)                                  \
  OP("Log", make_log)                                  \
  OP("Sqrt", make_sqrt)                                \
  OP("Relu", make_relu)                                \
  OP("Gelu", make_gelu)                                \
  OP("Silu", make_silu)                                \
  OP("Sigmoid", make_sigmoid)                          \
  OP("Tanh", make_tanh)                                \
  OP("Softplus", make_softplus)                        \
  OP("Identity", make_identity)                        \
  OP("StopGradient", make_stop_gradient)               \
  OP("Clip", make_clip)                                \
  OP("Dropout", make_dropout)                          \
  OP("Softmax", make_softmax)                          \
  OP("LogSoftmax", make_log_softmax)                   \
  OP("ReduceSum", make_reduce_sum)                     \
  OP("ReduceMean", make_reduce_mean)                   \
  OP("ReduceMax", make_reduce_max)                     \
  OP("ReduceLogSumExp", make_reduce_log_sum_exp)       \
  OP("MatMul", make_mat_mul)                           \
  OP("Gemm", make_gemm)                                \
  OP("Conv", make_conv)                                \
  OP("BatchNormalization", make_batch_normalization)   \
  OP("BatchNormalizationRelu", make_batch_normalization_relu) \
  OP("LayerNormalization", make_layer_normalization)   \
  OP("MaxPool", make_max_pool)                         \
  OP("AveragePool", make_average_pool)                 \
  OP("GlobalAveragePool", make_global_average_pool)    \
  OP("Reshape", make_reshape)                          \
  OP("Transpose", make_transpose)                      \
  OP("Concat", make_concat)                            \
  OP("Slice", make_slice)                              \
  OP("Gather", make_gather)                            \
  OP("SegmentSum", make_segment_sum)                   \
  OP("L2Normalise", make_l2_normalise)                 \
  OP("MaskDiagonal", make_mask_diagonal)               \
  OP("Diagonal", make_diagonal)                        \
  OP("SameLabel", make_same_label)                     \
  OP("ContrastiveLoss", make_contrastive_loss)         \
  OP("Constant", make_constant)

namespace isolens {

#define ISOLENS_DECLARE(name, make) std::unique_ptr<Op> make(AttributeReader& attributes);
ISOLENS_OPS(ISOLENS_DECLARE)
#undef ISOLENS_DECLARE

const std::vector<OpEntry>& all_ops() {
#define ISOLENS_ENTRY(name, make) {name, make},
  static const std::vector<OpEntry> kOps = {ISOLENS_OPS(ISOLENS_ENTRY)};
#undef ISOLENS_ENTRY
  return kOps;
}

const OpEntry* find_op(const std::string& name) {
  for (const OpEntry& entry : all_ops()) {
    if (name == entry.name) return &entry;
  }
  return nullptr;
}

}  // namespace isolens
