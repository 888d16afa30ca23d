#include <algorithm>

#include "conv_parts.h"

namespace isolens {

size_t conv2d_workspace_bytes(const ConvShape& shape, int threads) {
  size_t most = 0;
  for (const bool pairs : {false, true}) {
    if (pairs && !has_bf16()) continue;
    most = std::max({most, forward_workspace_bytes(shape, pairs, threads), backward_data_workspace_bytes(shape, pairs, threads),
                     backward_weights_workspace_bytes(shape, pairs, threads)});
  }
  return most;
}

}  // namespace isolens
