#include "conv_correlate.h"

#include <algorithm>

#include "micro.h"
#include "pack.h"

namespace isolens {
namespace {
using namespace simd;

constexpr int64_t kDepthBlock = 2560;  // reduction lanes of a panel: 480 kB, half of a second-level cache
constexpr int64_t kStageFloats = 96 * 1024;

// One panel of columns: every vector is assembled from runs of neighbouring staged lanes.
struct Piece {
  int64_t offset;  // of lane 0 of the vector, were the run that long
  int64_t first;   // lane of the vector where it starts
  Mask mask;
};
struct Panel {
  int64_t columns = 0;
  bool in_place = false;  // every vector is one whole run: the tile reads the staged image itself
  int32_t vector_offset[kVectors] = {};
  int pieces[kVectors] = {};
  Piece piece[kVectors][kLanes];
};

// Calls body(place in the range, image, row, column, length) for every run of neighbouring outputs of [begin, end).
template <typename Body>
void each_run(const Correlation& c, int64_t images, int64_t begin, int64_t end, Body body) {
  int64_t column = begin % c.columns, image = begin / c.columns % images, row = begin / (c.columns * images);
  for (int64_t at = begin; at < end;) {
    const int64_t run = std::min(c.columns - column, end - at);
    body(at - begin, image, row, column, run);
    at += run;
    column = 0;
    if (++image == images) image = 0, ++row;
  }
}

void add_piece(Panel& panel, int64_t at, int64_t offset, int64_t run) {
  while (run > 0) {
    const int v = static_cast<int>(at / kLanes);
    const int64_t lane = at % kLanes, length = std::min(run, kLanes - lane);
    int& pieces = panel.pieces[v];
    if (pieces > 0 && panel.piece[v][pieces - 1].offset == offset - lane) {  // rows that follow each other without padding
      Piece& last = panel.piece[v][pieces - 1];
      last.mask = lanes_between(last.first, lane + length);
    } else {
      panel.piece[v][pieces++] = {offset - lane, lane, lanes_between(lane, lane + length)};
    }
    at += length;
    offset += length;
    run -= length;
  }
}

void plan_panel(Panel& panel, const Correlation& c, int64_t stage_stride, int64_t images, int64_t begin, int64_t end) {
  panel.columns = end - begin;
  for (int v = 0; v < kVectors; ++v) panel.pieces[v] = 0;
  each_run(c, images, begin, end, [&](int64_t at, int64_t image, int64_t row, int64_t column, int64_t run) {
    add_piece(panel, at, image * stage_stride + row * c.row_stride * c.row_floats + column, run);
  });
  panel.in_place = panel.columns % kLanes == 0;
  for (int v = 0; v * kLanes < panel.columns; ++v) {
    panel.in_place = panel.in_place && panel.pieces[v] == 1;
    panel.vector_offset[v] = static_cast<int32_t>(panel.piece[v][0].offset);
  }
}

struct Span {
  int64_t begin, end;
};

// The tap rows that meet anything but padding for some output of [begin, end).
Span live_taps(const Correlation& c, int64_t images, int64_t begin, int64_t end) {
  const int64_t top = c.first_row + begin / (c.columns * images) * c.row_stride;
  const int64_t bottom = c.first_row + (end - 1) / (c.columns * images) * c.row_stride;
  const int64_t from = std::clamp<int64_t>(c.live_begin - bottom, 0, c.tap_rows);
  return {from, std::clamp<int64_t>(c.live_end - top, from, c.tap_rows)};
}

template <int kPieces>
void gather(float* out, const float* staged, const int32_t* offsets, int64_t depth, const Piece* piece, int pieces) {
  for (int64_t k = 0; k < depth; ++k, out += kColumns) {
    const float* at = staged + offsets[k];
    Vec v = zero();
    if constexpr (kPieces > 0) {
#pragma GCC unroll 4
      for (int i = 0; i < kPieces; ++i) v = load_merge(v, piece[i].mask, at + piece[i].offset);
    } else {
      for (int i = 0; i < pieces; ++i) v = load_merge(v, piece[i].mask, at + piece[i].offset);
    }
    store(out, v);
  }
}

void pack_patches(float* out, const float* staged, const int32_t* offsets, int64_t depth, const Panel& panel) {
  for (int v = 0; v * kLanes < panel.columns; ++v) {
    const int pieces = panel.pieces[v];
    const auto f = pieces == 1 ? gather<1> : pieces == 2 ? gather<2> : pieces == 3 ? gather<3> : gather<0>;
    f(out + v * kLanes, staged, offsets, depth, panel.piece[v], pieces);
  }
}

// Copies a finished tile to where its columns belong.
void scatter_tile(const Correlation& c, float* out, int64_t out_stride, const float* tile, int64_t first_output, int64_t outputs,
                  int64_t images, int64_t begin, int64_t end) {
  const int64_t pixels = c.rows * c.columns;
  each_run(c, images, begin, end, [&](int64_t at, int64_t image, int64_t row, int64_t column, int64_t run) {
    float* to = out + image * out_stride + first_output * pixels + row * c.columns + column;
    const float* from = tile + at;
    for (int64_t i = 0; i < outputs; ++i, to += pixels, from += kColumns) {
      for (int64_t j = 0; j < run; j += kLanes) store_first(to + j, load_first(from + j, run - j), run - j);
    }
  });
}

void correlate_panel(const Correlation& c, float* out, int64_t out_stride, const float* staged, int64_t stage_stride,
                     int64_t images, int64_t begin, int64_t end, float* scratch, Prefetch& prefetch) {
  const int64_t pixels = c.rows * c.columns, columns = end - begin;
  const Span taps = live_taps(c, images, begin, end);
  const int64_t first = taps.begin * c.tap_lanes, last = taps.end * c.tap_lanes;
  const int64_t block = std::max<int64_t>(1, ceil_div(last - first, std::max<int64_t>(1, ceil_div(last - first, kDepthBlock))));
  const bool direct = images == 1;
  float* tiles = scratch + std::min(kDepthBlock, c.depth()) * kColumns;  // (outputs, kColumns), unless tiles go straight out
  Panel panel;
  plan_panel(panel, c, stage_stride, images, begin, end);
  int64_t d = first;
  do {  // once even where there is nothing but padding: zeros and the bias
    const int64_t depth = std::min(block, last - d);
    if (!panel.in_place) pack_patches(scratch, staged, c.offsets + d, depth, panel);
    for (int64_t row = 0; row < c.outputs; row += kRows) {
      const int64_t rows = std::min<int64_t>(kRows, c.outputs - row);
      Epilogue epilogue;
      epilogue.beta = d == first ? 0.0f : 1.0f;
      epilogue.bias = d == first && c.bias ? c.bias + row : nullptr;
      float* to = direct ? out + row * pixels + begin : tiles + row * kColumns;
      const int64_t ld = direct ? pixels : kColumns;
      const float* weights = c.weights + row * c.depth() + d * kRows;
      if (panel.in_place) {
        find_tile<ScatteredColumns>(c.pairs, rows, columns)(depth, weights, {staged, c.offsets + d, panel.vector_offset}, to, ld,
                                                            columns, epilogue);
      } else {
        find_tile<PanelColumns>(c.pairs, rows, columns)(depth, weights, {scratch}, to, ld, columns, epilogue);
      }
      prefetch.step();
      if (!direct && d + depth == last) scatter_tile(c, out, out_stride, to, row, rows, images, begin, end);
    }
    d += depth;
  } while (d < last);
}

// Cost of the panels of one group of images, in tap rows.
double group_cost(const Correlation& c, int64_t images) {
  const int64_t total = images * c.rows * c.columns;
  double cost = 0.0;
  for (int64_t at = 0; at < total; at += kColumns) {
    const Span taps = live_taps(c, images, at, std::min<int64_t>(total, at + kColumns));
    cost += static_cast<double>(taps.end - taps.begin) + (images > 1 ? 0.05 : 0.0);  // a tile that is copied once more
  }
  return cost;
}

// Rows `begin` .. + kLanes of lane l of taps t .. + kLanes, as one vector a tap.
inline void load_taps(bool pairs, const float* w, int64_t row_stride, int64_t second, int64_t rows, int64_t taps, Vec* v) {
  for (int i = 0; i < kLanes; ++i) {
    if (i >= rows) {
      v[i] = zero();
      continue;
    }
    const float* at = w + i * row_stride;
    v[i] = load_first(at, taps);
    if (pairs) v[i] = pair_across(v[i], second ? load_first(at + second, taps) : zero());
  }
  transpose(v);
}

}  // namespace

void pack_taps(bool pairs, const float* w, int64_t row_stride, int64_t reduce_stride, int64_t rows, int64_t reduce, int64_t taps,
               const TapTarget* targets, int64_t begin, int64_t end) {
  const int64_t width = pairs ? 2 : 1;
  end = std::min(end, rows);
  if (taps == 1 && (reduce_stride == 1 || row_stride == 1)) {
    if (!targets[0].out) return;
    const bool transposed = reduce_stride != 1;
    const int64_t panel_stride = targets[0].panel_stride;
    return pack_a(pairs, targets[0].out + begin / kRows * panel_stride, panel_stride, w + begin * row_stride,
                  transposed ? reduce_stride : row_stride, transposed, end - begin, reduce);
  }
  const int64_t panels = ceil_div(rows, kRows);
  for (int64_t row = begin; row < end; row += kLanes) {
    for (int64_t k = 0, lane = 0; k < reduce; k += width, ++lane) {
      for (int64_t tap = 0; tap < taps; tap += kLanes) {
        Vec v[kLanes];
        load_taps(pairs, w + row * row_stride + k * reduce_stride + tap, row_stride, k + 1 < reduce ? reduce_stride : 0,
                  rows - row, taps - tap, v);
        for (int64_t i = 0; i < std::min<int64_t>(kLanes, taps - tap); ++i) {
          const TapTarget& t = targets[tap + i];
          if (t.out) put_lanes<kRows>(t.out, t.panel_stride, panels, row, lane * t.lane_step + t.lane, v[i]);
        }
      }
    }
  }
}

int64_t count_tiles(int64_t outputs, int64_t columns) { return ceil_div(outputs, kRows) * ceil_div(columns, kColumns); }

int64_t correlate_scratch(int64_t outputs, int64_t depth) {
  return std::min(kDepthBlock, depth) * kColumns + ceil_div(outputs, kRows) * kRows * kColumns;
}

void correlate(const Correlation& c, float* out, int64_t out_stride, const float* staged, int64_t stage_stride, int64_t images,
               int64_t begin, int64_t end, float* scratch, Prefetch& prefetch) {
  for (int64_t at = begin; at < end; at += kColumns) {
    const int64_t stop = std::min<int64_t>(end, at + kColumns);
    correlate_panel(c, out, out_stride, staged, stage_stride, images, at, stop, scratch, prefetch);
  }
}

int64_t images_at_once(const Correlation& c, int64_t images, int64_t stage_floats) {
  const int64_t pixels = std::max<int64_t>(1, c.rows * c.columns);
  const int64_t fit = std::max<int64_t>(kStageFloats / std::max<int64_t>(1, stage_floats), ceil_div(kColumns, pixels));
  const int64_t most = std::clamp<int64_t>(fit, 1, std::clamp<int64_t>(images, 1, 64));
  int64_t best = 1;
  double least = 1e300;
  for (int64_t group = 1; group <= most; ++group) {
    const double cost = static_cast<double>(images / group) * group_cost(c, group) + group_cost(c, images % group);
    if (cost < least * 0.999) least = cost, best = group;
  }
  return best;
}

}  // namespace isolens
