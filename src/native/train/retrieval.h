// How well paired embeddings find each other.
#pragma once
#include <vector>

#include "../core/json.h"
#include "../core/thread_pool.h"

namespace isolens {

// Shares from 0 to 1; a tie counts at its mean rank, so that a collapsed model does not look perfect.
struct RetrievalScores {
  double r1 = 0, r5 = 0, r10 = 0, mrr = 0;
  Json json() const;
};

struct RetrievalResult {
  RetrievalScores forward;  // query finds its gallery item
  RetrievalScores reverse;  // gallery item finds its query
  double alignment = 0;     // E ||q - g||^2 over pairs (Wang & Isola 2020, arXiv:2005.10242)
  double uniformity = 0;    // log E exp(-2 ||x - y||^2) over different items, mean of both sides
};

// query, gallery: (rows, width), unit rows.
RetrievalResult score_retrieval(ThreadPool& pool, const float* query, const float* gallery, int64_t rows, int64_t width);

}  // namespace isolens
