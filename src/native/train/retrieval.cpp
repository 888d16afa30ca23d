#include "retrieval.h"

#include <algorithm>
#include <cmath>

#include "../kernels/kernels.h"

namespace isolens {
namespace {

constexpr int64_t kBlock = 256;

// Calls visit(i, scores of row i against all of b) for every row of a.
template <typename Visit>
void for_each_row(ThreadPool& pool, const float* a, const float* b, int64_t rows, int64_t width, const Visit& visit) {
  std::vector<float> scores(static_cast<size_t>(std::min(rows, kBlock) * rows));
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t block = std::min(kBlock, rows - first);
    gemm(pool, Precision::kF32, false, true, block, rows, width, 1.0f, a + first * width, width, b, width, 0.0f, scores.data(), rows);
    pool.range(block, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) visit(first + i, scores.data() + i * rows);
    });
  }
}

RetrievalScores score(ThreadPool& pool, const float* query, const float* gallery, int64_t rows, int64_t width) {
  std::vector<double> ranks(static_cast<size_t>(rows));
  for_each_row(pool, query, gallery, rows, width, [&](int64_t i, const float* scores) {
    int64_t above = 0, equal = -1;  // not counting itself
    for (int64_t j = 0; j < rows; j++) {
      above += scores[j] > scores[i];
      equal += scores[j] == scores[i];
    }
    // A row that is not finite equals nothing: it ranks last.
    ranks[static_cast<size_t>(i)] = equal < 0 ? static_cast<double>(rows) : 1.0 + static_cast<double>(above) + 0.5 * static_cast<double>(equal);
  });
  RetrievalScores result;
  for (const double rank : ranks) {
    result.r1 += rank <= 1;
    result.r5 += rank <= 5;
    result.r10 += rank <= 10;
    result.mrr += 1.0 / rank;
  }
  const double n = static_cast<double>(rows);
  return {result.r1 / n, result.r5 / n, result.r10 / n, result.mrr / n};
}

double uniformity_of(ThreadPool& pool, const float* x, int64_t rows, int64_t width) {
  if (rows < 2) return 0;
  std::vector<double> sums(static_cast<size_t>(rows), 0.0);
  for_each_row(pool, x, x, rows, width, [&](int64_t i, const float* scores) {
    double sum = 0;
    // Unit rows: ||a - b||^2 = 2 - 2 a.b
    for (int64_t j = 0; j < rows; j++) sum += j == i ? 0.0f : std::exp(4.0f * (scores[j] - 1.0f));
    sums[static_cast<size_t>(i)] = sum;
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return std::log(total / (static_cast<double>(rows) * static_cast<double>(rows - 1)));
}

}  // namespace

Json RetrievalScores::json() const {
  Json json = Json::object();
  json.set("r1", r1).set("r5", r5).set("r10", r10).set("mrr", mrr);
  return json;
}

RetrievalResult score_retrieval(ThreadPool& pool, const float* query, const float* gallery, int64_t rows, int64_t width) {
  RetrievalResult result;
  result.forward = score(pool, query, gallery, rows, width);
  result.reverse = score(pool, gallery, query, rows, width);
  double distance = 0;
  for (int64_t i = 0; i < rows * width; i++) {
    const double d = static_cast<double>(query[i]) - static_cast<double>(gallery[i]);
    distance += d * d;
  }
  result.alignment = distance / static_cast<double>(rows);
  result.uniformity = 0.5 * (uniformity_of(pool, query, rows, width) + uniformity_of(pool, gallery, rows, width));
  return result;
}

}  // namespace isolens
