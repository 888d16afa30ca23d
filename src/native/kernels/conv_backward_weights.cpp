// dw as a product over output positions: rows are output channels, columns are the (tap, channel) pairs of the kernel. The input
// is staged with channels innermost, so that the columns of one kernel row, (s, c), are contiguous for every output position
// and the register tile loads them where they lie. In bf16 a lane pairs two horizontally neighbouring outputs.
#include <algorithm>

#include "conv_parts.h"
#include "conv_stage.h"
#include "gemm.h"
#include "micro.h"
#include "pack.h"

namespace isolens {
namespace {
using namespace simd;

constexpr int64_t kChunkFloats = 160 * 1024;  // staged x and dy of a chunk: they stay in the second-level cache
constexpr int64_t kChunkLanes = 2048;

struct BackwardWeights {
  const ConvShape& s;
  GroupShape z;
  bool pairs;
  int64_t height, width;             // of the output
  int64_t lanes_across;              // reduction lanes of an output row
  int64_t step, positions;           // staged positions between neighbouring outputs; of a staged row
  int64_t band, bands, units;        // a unit is `band` output rows of one image
  int64_t stage_floats, together;    // of a unit; units staged at a time
  int64_t row_vectors, vectors, ld;  // vectors of a kernel row (s, c), of a kernel; floats of a row of sums
  int64_t panels, sums_floats;
  int32_t* vector_offsets;
  float* sums;  // [threads][groups][outputs, padded][ld]
  Arena arena;
  int threads;

  BackwardWeights(const ConvShape& shape, bool pairs_, int threads_, void* workspace)
      : s(shape), z(shape), pairs(pairs_), height(s.out_height()), width(s.out_width()), arena(workspace), threads(threads_) {
    lanes_across = lanes_of(pairs, width);
    step = std::min(s.kernel_width, s.stride_width);
    positions = (width - 1) * step + s.kernel_width;
    panels = ceil_div(z.outputs, kRows);
    plan_units();
    row_vectors = ceil_div(s.kernel_width * z.channels, kLanes);
    vectors = s.kernel_height * row_vectors;
    ld = vectors * kLanes;
    sums_floats = s.groups * panels * kRows * ld;
    vector_offsets = arena.take<int32_t>(vectors);
    sums = arena.take(threads * sums_floats);
  }

  int64_t staged_rows(int64_t rows) const { return (rows - 1) * s.stride_height + s.kernel_height; }
  int64_t row_floats() const { return positions * z.channels; }
  int64_t line_floats() const { return positions + step + 2 * kLanes; }

  void plan_units() {
    const int64_t dy_row = lanes_across * panels * kRows;
    const int64_t whole = staged_rows(height) * row_floats() + height * dy_row;
    const int64_t split = std::max(ceil_div(whole, kChunkFloats), ceil_div(height * lanes_across, kChunkLanes));
    band = ceil_div(height, std::clamp<int64_t>(split, 1, std::max<int64_t>(1, height)));
    bands = ceil_div(height, band);
    units = s.batch * bands;
    stage_floats = ceil_div(staged_rows(band) * row_floats(), kLanes) * kLanes + 2 * kLanes;
    const int64_t fit = std::min(kChunkFloats / (stage_floats + band * dy_row), kChunkLanes / (band * lanes_across));
    const int64_t most = bands == 1 ? fit : 1;  // units staged together have the same rows
    const int64_t share = std::max<int64_t>(1, ceil_div(units, threads));
    const int64_t chunks = ceil_div(share, std::clamp<int64_t>(most, 1, share));
    together = ceil_div(share, chunks);
  }

  // Thread's scratch: lines | staged x | packed dy | lane offsets.
  int64_t thread_floats() const {
    return kLanes * line_floats() + together * (stage_floats + band * lanes_across * (panels * kRows + 1)) + 4 * kLanes;
  }

  void fill_offsets() {
    for (int64_t r = 0, i = 0; r < s.kernel_height; ++r) {
      for (int64_t v = 0; v < row_vectors; ++v) vector_offsets[i++] = static_cast<int32_t>(r * row_floats() + v * kLanes);
    }
  }

  void copy_line(float* line, const float* row) const {
    if (s.kernel_width >= s.stride_width) {
      copy_padded(line, row, s.in_width, -s.pad_left, 1, positions);
    } else if (s.kernel_width == 1) {
      copy_padded(line, row, s.in_width, -s.pad_left, s.stride_width, positions);
    } else {
      for (int64_t q = 0; q < width; ++q) {
        copy_padded(line + q * step, row, s.in_width, q * s.stride_width - s.pad_left, 1, s.kernel_width);
      }
    }
    for (int64_t i = positions; i < line_floats(); i += kLanes) store_first(line + i, zero(), line_floats() - i);
  }

  Vec line_lanes(const float* line, int64_t at) const {
    return pairs ? pair_across(load(line + at), load(line + at + step)) : load(line + at);
  }

  // One input row of a group, channels innermost.
  void stage_row(float* out, const float* x, float* lines) const {
    for (int64_t c = 0; c < z.channels; c += kLanes) {
      const int64_t channels = std::min<int64_t>(kLanes, z.channels - c);
      for (int64_t i = 0; i < channels; ++i) copy_line(lines + i * line_floats(), x + (c + i) * z.in_plane);
      for (int64_t at = 0; at < positions; at += kLanes) {
        const int64_t count = std::min<int64_t>(kLanes, positions - at);
        if (z.channels == 1) {
          store_first(out + at, line_lanes(lines, at), count);
          continue;
        }
        Vec v[kLanes];
        for (int64_t i = 0; i < kLanes; ++i) v[i] = i < channels ? line_lanes(lines + i * line_floats(), at) : zero();
        transpose(v);
        float* to = out + at * z.channels + c;
        if (channels == kLanes) {
          for (int64_t i = 0; i < count; ++i, to += z.channels) store(to, v[i]);
        } else {
          for (int64_t i = 0; i < count; ++i, to += z.channels) store_first(to, v[i], channels);
        }
      }
    }
  }

  void stage_input(float* out, const float* x, int64_t first_row, int64_t rows, float* lines) const {
    for (int64_t row = 0; row < staged_rows(rows); ++row, out += row_floats()) {
      if (row % s.stride_height >= s.kernel_height) continue;
      const int64_t h = first_row * s.stride_height + row - s.pad_top;
      if (h < 0 || h >= s.in_height) {
        std::fill_n(out, row_floats(), 0.0f);
      } else {
        stage_row(out, x + h * s.in_width, lines);
      }
    }
  }

  // `rows` rows of dy of one unit as panels of A; output row p starts at lane p * row_lanes.
  template <bool kPairs>
  void pack_dy(float* out, int64_t panel_stride, int64_t row_lanes, const float* dy, int64_t rows) const {
    const bool joined = !kPairs || width % 2 == 0;  // no pair straddles two rows: they are packed as one
    const int64_t runs = joined ? 1 : rows, length = joined ? rows * width : width, lanes = lanes_of(kPairs, length);
    for (int64_t k = 0; k < z.outputs; k += kLanes) {
      const int64_t outputs = std::min<int64_t>(kLanes, z.outputs - k);
      for (int64_t run = 0; run < runs; ++run) {
        const float* from = dy + k * z.pixels + run * width;
        int64_t across = 0, lane = run * row_lanes;
        for (int64_t l = 0; l < lanes; l += kLanes) {
          Vec v[kLanes];
          for (int64_t i = 0; i < kLanes; ++i) {
            v[i] = i < outputs ? lanes_along<kPairs>(from + i * z.pixels, kPairs ? 2 * l : l, length) : zero();
          }
          transpose(v);
          for (int64_t i = 0; i < std::min<int64_t>(kLanes, lanes - l); ++i) {
            put_lanes<kRows>(out, panel_stride, panels, k, lane + across, v[i]);
            if (++across == lanes_across) across = 0, lane += row_lanes;
          }
        }
      }
    }
  }

  // What a chunk of units brings to the sums: lanes in the order (output row, unit, output column).
  struct Chunk {
    const float *staged, *packed;
    const int32_t* offsets;
    int64_t rows, row_lanes;       // output rows of a unit, lanes of each over all units
    int64_t first_row;             // staged row 0 counted from the top of the padding
    float beta;
  };

  // Lanes whose products with kernel row r are not all padding.
  void live_lanes(const Chunk& chunk, int64_t r, int64_t& begin, int64_t& end) const {
    int64_t from = 0, to = chunk.rows;
    const int64_t top = chunk.first_row + r - s.pad_top;  // row of x that output row 0 meets
    while (from < to && top + from * s.stride_height < 0) ++from;
    while (to > from && top + (to - 1) * s.stride_height >= s.in_height) --to;
    begin = from * chunk.row_lanes;
    end = to * chunk.row_lanes;
  }

  // Sums [v, v + count) vectors of columns over lanes [begin, end).
  void multiply_columns(float* out, const Chunk& chunk, int64_t v, int64_t count, int64_t begin, int64_t end, Prefetch& next_x,
                        Prefetch& next_dy) const {
    const int64_t columns = count * kLanes, depth = chunk.rows * chunk.row_lanes;
    Epilogue epilogue;
    epilogue.beta = chunk.beta;
    for (int64_t k = 0; k < z.outputs; k += kRows) {
      const int64_t rows = std::min<int64_t>(kRows, z.outputs - k);
      find_tile<ScatteredColumns>(pairs, rows, columns)(end - begin, chunk.packed + k * depth + begin * kRows,
                                                        {chunk.staged, chunk.offsets + begin, vector_offsets + v},
                                                        out + k * ld + v * kLanes, ld, columns, epilogue);
      next_x.step();
      next_dy.step();
    }
  }

  // Tiles of columns stay within one kernel row where that fills them, so that they can leave its padding out.
  int64_t spans() const { return row_vectors >= kVectors ? s.kernel_height : 1; }
  int64_t tiles() const {
    return panels * spans() * ceil_div(vectors / spans(), kVectors);
  }

  void multiply(float* out, const Chunk& chunk, Prefetch& next_x, Prefetch& next_dy) const {
    const int64_t span_vectors = vectors / spans(), groups = ceil_div(span_vectors, kVectors);
    for (int64_t r = 0; r < spans(); ++r) {
      int64_t begin = 0, end = chunk.rows * chunk.row_lanes;
      if (spans() > 1) live_lanes(chunk, r, begin, end);
      for (int64_t i = 0; i < groups; ++i) {
        const int64_t v = span_vectors * i / groups, count = span_vectors * (i + 1) / groups - v;
        multiply_columns(out, chunk, r * span_vectors + v, count, begin, end, next_x, next_dy);
      }
    }
  }

  // Stages units [first, last) of x and dy; offsets: of every lane.
  Chunk stage_chunk(int64_t g, const float* x, const float* dy, int64_t first, int64_t last, float* scratch) const {
    float* lines = scratch;
    float* staged = lines + ceil_div(kLanes * line_floats(), kLanes) * kLanes;
    float* packed = staged + together * stage_floats;
    int32_t* offsets = reinterpret_cast<int32_t*>(packed + together * band * lanes_across * panels * kRows);
    const int64_t count = last - first, row_lanes = count * lanes_across, rows = bands == 1 ? height : rows_of(first);
    const int64_t advance = (pairs ? 2 : 1) * step * z.channels;
    for (int64_t u = first; u < last; ++u) {
      const int64_t n = u / bands, row = u % bands * band, base = (u - first) * stage_floats, lane = (u - first) * lanes_across;
      stage_input(staged + base, x + (n * s.in_channels + g * z.channels) * z.in_plane, row, rows, lines);
      const float* from = dy + (n * s.out_channels + g * z.outputs) * z.pixels + row * width;
      const int64_t panel_stride = rows * row_lanes * kRows;
      if (pairs) {
        pack_dy<kHasBf16>(packed + lane * kRows, panel_stride, row_lanes, from, rows);
      } else {
        pack_dy<false>(packed + lane * kRows, panel_stride, row_lanes, from, rows);
      }
      for (int64_t p = 0; p < rows; ++p) {
        int32_t* to = offsets + p * row_lanes + lane;
        for (int64_t q = 0; q < lanes_across; ++q) {
          to[q] = static_cast<int32_t>(base + p * s.stride_height * row_floats() + q * advance);
        }
      }
    }
    return {staged, packed, offsets, rows, row_lanes, first % bands * band * s.stride_height, 0.0f};
  }

  // Sums over units [begin, end), in order.
  void run(int64_t g, float* out, const float* x, const float* dy, int64_t begin, int64_t end, float* scratch) const {
    for (int64_t first = begin; first < end;) {
      const int64_t last = std::min(end, first + together);
      Chunk chunk = stage_chunk(g, x, dy, first, last, scratch);
      chunk.beta = first == begin ? 0.0f : 1.0f;
      Prefetch next_x, next_dy;
      if (last < end && s.groups == 1) {
        const int64_t images = ceil_div(std::min(together, end - last), bands);
        next_x = Prefetch(x + last / bands * z.channels * z.in_plane, images * z.channels * z.in_plane, tiles());
        next_dy = Prefetch(dy + last / bands * z.outputs * z.pixels, images * z.outputs * z.pixels, tiles());
      }
      multiply(out, chunk, next_x, next_dy);
      first = last;
    }
  }

  int64_t rows_of(int64_t unit) const { return std::min(band, height - unit % bands * band); }

  // dw of one output channel += its sums of all threads, in the order of the threads; (r, s, c) becomes (c, r, s).
  // line: (ld) and (channels, taps) with a vector to spare.
  void reduce_row(float* dw, int64_t g, int64_t k, int parts, float* line) const {
    const float* from = sums + (g * panels * kRows + k) * ld;
    for (int64_t i = 0; i < ld; i += kLanes) {
      Vec v = load(from + i);
      for (int part = 1; part < parts; ++part) v = v + load(from + part * sums_floats + i);
      store(line + i, v);
    }
    float* turned = line + ld;
    for (int64_t tap = 0; tap < z.taps; tap += kLanes) {
      const int64_t taps = std::min<int64_t>(kLanes, z.taps - tap);
      for (int64_t c = 0; c < z.channels; c += kLanes) turn(turned + c * z.taps + tap, line, tap, taps, c);
    }
    const int64_t count = z.channels * z.taps;
    for (int64_t i = 0; i < count; i += kLanes) {
      store_first(dw + i, load_first(dw + i, count - i) + load_first(turned + i, count - i), count - i);
    }
  }

  // Up to kLanes channels from c on of `taps` taps, from (r, s, c) to (c, r, s).
  void turn(float* out, const float* line, int64_t tap, int64_t taps, int64_t c) const {
    Vec v[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) {
      const int64_t r = (tap + i) / s.kernel_width, t = (tap + i) % s.kernel_width;
      v[i] = i < taps ? load_first(line + r * row_vectors * kLanes + t * z.channels + c, z.channels - c) : zero();
    }
    transpose(v);
    const int64_t channels = std::min<int64_t>(kLanes, z.channels - c);
    if (taps == z.taps) {  // what a whole vector writes beyond a channel's taps, the next channel overwrites
      for (int64_t i = 0; i < channels; ++i, out += z.taps) store(out, v[i]);
    } else {
      for (int64_t i = 0; i < channels; ++i, out += z.taps) store_first(out, v[i], taps);
    }
  }
};

void reduce_bias(ThreadPool& pool, float* dbias, const float* dy, const ConvShape& s, int64_t pixels) {
  pool.range(s.out_channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      double total = 0.0;
      for (int64_t n = 0; n < s.batch; ++n) {
        const float* row = dy + (n * s.out_channels + k) * pixels;
        Vec sum = zero();
        for (int64_t i = 0; i < pixels; i += kLanes) sum = sum + load_first(row + i, pixels - i);
        float lanes[kLanes];
        store(lanes, sum);
        for (const float lane : lanes) total += lane;
      }
      dbias[k] += static_cast<float>(total);
    }
  });
}

}  // namespace

size_t backward_weights_workspace_bytes(const ConvShape& shape, bool pairs, int threads) {
  BackwardWeights b(shape, pairs, threads, nullptr);
  for (int i = 0; i < threads; ++i) b.arena.take(b.thread_floats());
  return b.arena.used();
}

void conv2d_backward_weights(ThreadPool& pool, Precision precision, float* dw, float* dbias, const float* x, const float* dy,
                             const ConvShape& s, void* workspace) {
  const int threads = pool.threads();
  BackwardWeights b(s, use_pairs(precision), threads, workspace);
  if (b.units * b.width <= 0) return;
  float* scratch = b.arena.take(b.thread_floats());
  const int64_t stride = ceil_div(b.thread_floats(), 16) * 16;
  b.fill_offsets();
  const int parts = static_cast<int>(std::min<int64_t>(threads, b.units));
  pool.run(parts, [&](int part) {
    for (int64_t g = 0; g < s.groups; ++g) {
      b.run(g, b.sums + part * b.sums_floats + g * b.panels * kRows * b.ld, x, dy, b.units * part / parts,
            b.units * (part + 1) / parts, scratch + part * stride);
    }
  });
  pool.range(s.out_channels, ceil_div(4096, b.ld), [&](int64_t begin, int64_t end) {
    float* line = thread_scratch(2, b.ld + b.z.channels * b.z.taps + kLanes);
    for (int64_t k = begin; k < end; ++k) {
      b.reduce_row(dw + k * b.z.channels * b.z.taps, k / b.z.outputs, k % b.z.outputs, parts, line);
    }
  });
  if (dbias) reduce_bias(pool, dbias, dy, s, b.z.pixels);
}

}  // namespace isolens
