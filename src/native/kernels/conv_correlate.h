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
  int64_t tap_rows, tap_lanes;     // the reduction: rows of taps, outermost, and the lanes of each
  int64_t row_stride, row_floats;  // staged rows between successive output rows; floats of a staged row
  int64_t first_row;               // staged row of output row 0, tap row 0
  int64_t live_begin, live_end;    // staged rows outside are padding: their products are skipped
  const int32_t* offsets;          // (tap_rows * tap_lanes) where a lane starts in the staged image
  const float* weights;            // panels [tap_rows * tap_lanes][kRows]
  const float* bias;               // (outputs) or null
  int64_t depth() const { return tap_rows * tap_lanes; }
};

// Register tiles that `columns` outputs take.
int64_t count_tiles(int64_t outputs, int64_t columns);

// Scratch floats of correlate().
int64_t correlate_scratch(int64_t outputs, int64_t depth);

// The outputs [begin, end) of `images` staged images in the order (row, image, column), so that a panel spans few rows and can
// leave out the tap rows that lie in the padding. staged: images `stage_stride` floats apart. out: (outputs, rows, columns) of an
// image, images `out_stride` floats apart.
void correlate(const Correlation& c, float* out, int64_t out_stride, const float* staged, int64_t stage_stride, int64_t images,
               int64_t begin, int64_t end, float* scratch, Prefetch& prefetch);

// How many of `images` images are best staged and correlated at a time.
int64_t images_at_once(const Correlation& c, int64_t images, int64_t stage_floats);

}  // namespace isolens
