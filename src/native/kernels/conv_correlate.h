// The product at the heart of forward and backward-data: packed weights times patches that are gathered from a staged image
// straight into panels. Columns run over the outputs of several images, so that small maps still fill the register tile.
#pragma once
#include "conv_stage.h"

namespace isolens {

// Where the packed weights of tap t go: reduction lane l of the tap is lane l * lane_step + lane of panels at `out`.
struct TapTarget {
  float* out;  // null: this tap is never used
  int64_t panel_stride, lane_step, lane;
};

// A(row, lane l of tap t) = w[row * row_stride + l * reduce_stride + t] (pairs: l counts pairs), for panel rows [begin, end).
// begin is a multiple of simd::kLanes.
void pack_taps(bool pairs, const float* w, int64_t row_stride, int64_t reduce_stride, int64_t rows, int64_t reduce, int64_t taps,
               const TapTarget* targets, int64_t begin, int64_t end);

struct Correlation {
  bool pairs;
  int64_t outputs, rows, columns;  // channels and size of the output planes
  int64_t depth;                   // reduction lanes
  int64_t row_step;                // floats between the staged rows of successive output rows
  const int32_t* offsets;          // (depth) where a lane starts in the staged image
  const float* weights;            // panels [depth][kRows]
  const float* bias;               // (outputs) or null
};

// Register tiles that `columns` outputs take.
int64_t count_tiles(int64_t outputs, int64_t columns);

// Scratch floats of correlate().
int64_t correlate_scratch(int64_t outputs, int64_t depth);

// Outputs [begin, end) counted through the planes of successive images. staged: images `stage_stride` floats apart.
// out: (outputs, rows, columns) of an image, images `out_stride` floats apart.
void correlate(const Correlation& c, float* out, int64_t out_stride, const float* staged, int64_t stage_stride, int64_t begin,
               int64_t end, float* scratch, Prefetch& prefetch);

// How many of `images` images, each of `pixels` outputs and `stage_floats` staged, are best taken at a time.
int64_t images_at_once(int64_t images, int64_t pixels, int64_t stage_floats);

}  // namespace isolens
