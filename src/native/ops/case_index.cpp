// The rows of every operator. Adding an operator: one line here.
#include "case.h"

#define ISOLENS_CASES(CASES)          \
  CASES(add_elementwise_unary_cases)  \
  CASES(add_elementwise_binary_cases) \
  CASES(add_reduce_cases)             \
  CASES(add_softmax_cases)            \
  CASES(add_gemm_cases)               \
  CASES(add_sparse_gemm_cases)        \
  CASES(add_mat_mul_cases)            \
  CASES(add_conv_cases)               \
  CASES(add_batch_normalization_cases) \
  CASES(add_layer_normalization_cases) \
  CASES(add_l2_normalise_cases)       \
  CASES(add_pool_cases)               \
  CASES(add_resize_cases)             \
  CASES(add_reshape_cases)            \
  CASES(add_transpose_cases)          \
  CASES(add_concat_cases)             \
  CASES(add_slice_cases)              \
  CASES(add_gather_cases)             \
  CASES(add_gather_elements_cases)    \
  CASES(add_segment_sum_cases)        \
  CASES(add_same_label_cases)         \
  CASES(add_contrastive_loss_cases)   \
  CASES(add_softmax_retrieval_cases)  \
  CASES(add_dropout_cases)            \
  CASES(add_diagonal_cases)           \
  CASES(add_constant_cases)

namespace isolens {

#define ISOLENS_DECLARE(add) void add(OpCases* cases);
ISOLENS_CASES(ISOLENS_DECLARE)
#undef ISOLENS_DECLARE

OpCases all_op_cases() {
  OpCases cases;
#define ISOLENS_ADD(add) add(&cases);
  ISOLENS_CASES(ISOLENS_ADD)
#undef ISOLENS_ADD
  return cases;
}

}  // namespace isolens
