// Products with a matrix that is mostly zeros, e.g. fingerprints: only what is not zero is multiplied.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../core/thread_pool.h"

namespace isolens {

// The entries of a matrix that are not zero, row by row (compressed sparse rows).
struct SparseRows {
  int64_t rows = 0, columns = 0;
  const int64_t *begin = nullptr, *end = nullptr;  // (rows): entries [begin[r], end[r]) are row r's, by rising column
  const int32_t* column = nullptr;
  const float* value = nullptr;
};

// Bytes that collect_nonzeros() wants for a matrix of this size.
size_t sparse_rows_bytes(int64_t rows, int64_t columns);
// x: (rows, columns). False where so much of it is not zero (more than one in eight of sixteen rows) that a dense product is
// the better choice.
bool collect_nonzeros(ThreadPool& pool, const float* x, int64_t rows, int64_t columns, void* memory, SparseRows* out);

// Bytes of scratch for the two products below; 64-byte aligned.
size_t sparse_product_workspace_bytes(int64_t columns, int threads);
// y: (rows, H) = x w^T + bias; w: (H, columns); bias: (H), may be null. The same result whatever the number of threads.
void sparse_product(ThreadPool& pool, float* y, const SparseRows& x, const float* w, const float* bias, int64_t outputs,
                    void* workspace);
// dw: (H, columns) = dy^T x, or added to it; dy: (rows, H). The same result whatever the number of threads.
void sparse_product_weights(ThreadPool& pool, float* dw, bool accumulate, const SparseRows& x, const float* dy, int64_t outputs,
                            void* workspace);

}  // namespace isolens
