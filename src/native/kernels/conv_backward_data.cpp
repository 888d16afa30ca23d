// dx is a correlation of dy with the flipped kernel. With strides, the inputs fall into stride_height x stride_width phases; each
// sees its own subset of the taps and is a stride-1 correlation; the phases are interleaved at the end.
#include <algorithm>

#include "conv_correlate.h"
#include "conv_parts.h"
#include "gemm.h"
#include "pack.h"

namespace isolens {
namespace {

// One axis of a phase: inputs first, first + stride, ... see taps a, a + stride, ... with a = (input + pad) mod stride.
struct AxisPhase {
  int64_t taps, first, count;
  int64_t lead;  // zeros ahead of dy such that output i, tap t (last one first) reads staged dy at i + t
  AxisPhase(int64_t stride, int64_t pad, int64_t kernel, int64_t size, int64_t a) {
    taps = kernel > a ? ceil_div(kernel - a, stride) : 0;
    first = ((a - pad) % stride + stride) % stride;
    count = first < size ? ceil_div(size - first, stride) : 0;
    lead = taps - 1 - (first + pad - a) / stride;
  }
};

struct Axis {
  int64_t stride, pad, kernel, size;
  int64_t lead = 0, staged = 1;  // of the staged dy that serves all phases
  Axis(int64_t stride_, int64_t pad_, int64_t kernel_, int64_t size_) : stride(stride_), pad(pad_), kernel(kernel_), size(size_) {
    int64_t behind = 1;
    for (int64_t a = 0; a < stride; ++a) {
      const AxisPhase p = phase(a);
      if (p.taps == 0 || p.count == 0) continue;
      lead = std::max(lead, p.lead);
      behind = std::max(behind, p.count + p.taps - 1 - p.lead);
    }
    staged = lead + behind;
  }
  // Inputs of the phases whose first input is before `first`.
  int64_t count_before(int64_t first) const {
    int64_t count = 0;
    for (int64_t i = 0; i < first; ++i) count += i < size ? ceil_div(size - i, stride) : 0;
    return count;
  }
  AxisPhase phase(int64_t a) const { return AxisPhase(stride, pad, kernel, size, a); }
};

struct BackwardData {
  const ConvShape& s;
  GroupShape z;
  Axis down, across;
  Stage stage;
  bool strided;
  int64_t rows_padded, lanes, weights_stride, together, phase_floats;
  int32_t* offsets;
  float* weights;
  TapTarget* targets;
  Arena arena;

  BackwardData(const ConvShape& shape, bool pairs, int threads, void* workspace)
      : s(shape), z(shape), down(s.stride_height, s.pad_top, s.kernel_height, s.in_height),
        across(s.stride_width, s.pad_left, s.kernel_width, s.in_width), arena(workspace) {
    stage.pairs = pairs;
    stage.channels = z.outputs;
    stage.height = s.out_height();
    stage.width = s.out_width();
    stage.pad_top = down.lead;
    stage.pad_left = across.lead;
    stage.rows = down.staged;
    stage.pitch = across.staged;
    strided = s.stride_height * s.stride_width > 1;
    rows_padded = ceil_div(z.channels, simd::kRows) * simd::kRows;
    lanes = stage.lanes();
    weights_stride = rows_padded * lanes * z.taps;
    offsets = arena.take<int32_t>(lanes * z.taps);
    weights = arena.take(s.groups * weights_stride);
    targets = arena.take<TapTarget>(z.taps);
    const Correlation first = correlation(0, down.phase(0), across.phase(0), 0);
    together = images_at_once(first, ceil_div(s.batch, threads), stage.size());
    phase_floats = strided ? together * z.channels * z.in_plane : 0;
  }

  int64_t thread_floats() const {
    return together * stage.size() + correlate_scratch(z.channels, lanes * z.taps) + phase_floats;
  }

  // Calls body(a, b, vertical phase, horizontal phase, taps of the phases before).
  template <typename Body>
  void each_phase(Body body) const {
    int64_t before = 0;
    for (int64_t a = 0; a < s.stride_height; ++a) {
      for (int64_t b = 0; b < s.stride_width; ++b) {
        const AxisPhase v = down.phase(a), h = across.phase(b);
        body(v, h, before);
        before += v.taps * h.taps;
      }
    }
  }

  void fill_offsets() {
    each_phase([&](const AxisPhase& v, const AxisPhase& h, int64_t before) {
      int32_t* out = offsets + before * lanes;
      for (int64_t r = 0; r < v.taps; ++r) {
        for (int64_t lane = 0; lane < lanes; ++lane) {
          for (int64_t t = 0; t < h.taps; ++t) {
            *out++ = static_cast<int32_t>(lane * stage.plane() + stage.at(r + down.lead - v.lead, t + across.lead - h.lead));
          }
        }
      }
    });
  }

  void pack_weights(ThreadPool& pool, const float* w) {
    for (int64_t g = 0; g < s.groups; ++g) {
      each_phase([&](const AxisPhase& v, const AxisPhase& h, int64_t before) {
        const int64_t taps = v.taps * h.taps;
        float* out = weights + g * weights_stride + before * lanes * rows_padded;
        const int64_t a = ((v.first + s.pad_top) % s.stride_height), b = ((h.first + s.pad_left) % s.stride_width);
        for (int64_t r = 0; r < v.taps; ++r) {
          for (int64_t t = 0; t < h.taps; ++t) {
            const int64_t tap = (a + s.stride_height * (v.taps - 1 - r)) * s.kernel_width + b + s.stride_width * (h.taps - 1 - t);
            const bool used = v.count > 0 && h.count > 0;
            targets[tap] = {used ? out : nullptr, taps * lanes * simd::kRows, h.taps, r * lanes * h.taps + t};
          }
        }
      });
      const float* from = w + g * z.outputs * z.channels * z.taps;
      const int64_t blocks = ceil_div(z.channels, simd::kLanes);
      pool.range(blocks, ceil_div(16384, lanes * z.taps * simd::kLanes), [&](int64_t begin, int64_t end) {
        pack_taps(stage.pairs, from, z.taps, z.channels * z.taps, z.channels, z.outputs, z.taps, targets,
                  begin * simd::kLanes, end * simd::kLanes);
      });
    }
  }

  Correlation correlation(int64_t g, const AxisPhase& v, const AxisPhase& h, int64_t before) const {
    Correlation c;
    c.pairs = stage.pairs;
    c.outputs = z.channels;
    c.rows = v.count;
    c.columns = h.count;
    c.tap_rows = v.taps;
    c.tap_lanes = lanes * h.taps;
    c.row_stride = 1;
    c.row_floats = stage.row_floats();
    c.first_row = down.lead - v.lead;
    c.live_begin = down.lead;
    c.live_end = down.lead + s.out_height();
    c.offsets = offsets + before * lanes;
    c.weights = weights + g * weights_stride + before * lanes * rows_padded;
    c.bias = nullptr;
    return c;
  }

  // Where the planes [image][channel][i][j] of a phase start: phases lie in the order of their first row and column.
  int64_t plane_start(const AxisPhase& v, const AxisPhase& h) const {
    return together * z.channels * (down.count_before(v.first) * s.in_width + v.count * across.count_before(h.first));
  }

  // dx[first row + stride * i][first column + stride * j] = plane[i][j] of every image and channel; zero where there is no tap.
  void spread(float* dx, const float* planes, int64_t images, const AxisPhase& v, const AxisPhase& h) const {
    const float* from = v.taps * h.taps > 0 ? planes + plane_start(v, h) : nullptr;
    each_row(dx, images, v, [&](float* out, int64_t row) {
      for (int64_t j = 0; j < h.count; ++j) out[h.first + j * s.stride_width] = from ? from[row * h.count + j] : 0.0f;
    });
  }

  // The same for both horizontal phases of a stride of two.
  void spread_two(float* dx, const float* planes, int64_t images, const AxisPhase& v, const AxisPhase& h0,
                  const AxisPhase& h1) const {
    using namespace simd;
    const float* a = v.taps * h0.taps > 0 ? planes + plane_start(v, h0) : nullptr;
    const float* b = v.taps * h1.taps > 0 ? planes + plane_start(v, h1) : nullptr;
    each_row(dx, images, v, [&](float* out, int64_t row) {
      for (int64_t j = 0; 2 * j < s.in_width; j += kLanes) {
        const Vec even = a ? load_first(a + row * h0.count + j, h0.count - j) : zero();
        const Vec odd = b ? load_first(b + row * h1.count + j, h1.count - j) : zero();
        store_interleaved(out + 2 * j, even, odd, s.in_width - 2 * j);
      }
    });
  }

  // Calls body(row of dx, its number among the rows of the phase) for every image and channel.
  template <typename Body>
  void each_row(float* dx, int64_t images, const AxisPhase& v, Body body) const {
    int64_t row = 0;
    for (int64_t n = 0; n < images; ++n) {
      for (int64_t c = 0; c < z.channels; ++c) {
        float* out = dx + (n * s.in_channels + c) * z.in_plane + v.first * s.in_width;
        for (int64_t i = 0; i < v.count; ++i, out += s.stride_height * s.in_width) body(out, row++);
      }
    }
  }

  void merge(float* dx, const float* planes, int64_t images) const {
    for (int64_t a = 0; a < s.stride_height; ++a) {
      const AxisPhase v = down.phase(a);
      if (s.stride_width == 2) {
        const AxisPhase p = across.phase(0), q = across.phase(1);
        spread_two(dx, planes, images, v, p.first == 0 ? p : q, p.first == 0 ? q : p);
        continue;
      }
      for (int64_t b = 0; b < s.stride_width; ++b) spread(dx, planes, images, v, across.phase(b));
    }
  }

  void run(int64_t g, float* dx, const float* dy, int64_t first, int64_t images, bool more, float* scratch) const {
    float* staged = scratch + correlate_scratch(z.channels, lanes * z.taps);
    float* planes = staged + together * stage.size();
    for (int64_t n = 0; n < images; ++n) {
      stage_image(staged + n * stage.size(), dy + ((first + n) * s.out_channels + g * z.outputs) * z.pixels, stage);
    }
    Prefetch next;
    if (more) {
      next = Prefetch(dy + ((first + images) * s.out_channels + g * z.outputs) * z.pixels,
                      (s.groups == 1 ? std::min(together, s.batch - first - images) : 1) * z.outputs * z.pixels,
                      count_tiles(z.channels, images * z.in_plane));
    }
    dx += (first * s.in_channels + g * z.channels) * z.in_plane;
    each_phase([&](const AxisPhase& v, const AxisPhase& h, int64_t before) {
      const int64_t pixels = v.count * h.count;
      if (pixels == 0 || v.taps * h.taps == 0) return;
      float* out = strided ? planes + plane_start(v, h) : dx;
      const int64_t stride = strided ? z.channels * pixels : s.in_channels * z.in_plane;
      correlate(correlation(g, v, h, before), out, stride, staged, stage.size(), images, 0, images * pixels, scratch, next);
    });
    if (strided) merge(dx, planes, images);
  }
};

}  // namespace

size_t backward_data_workspace_bytes(const ConvShape& shape, bool pairs, int threads) {
  BackwardData b(shape, pairs, threads, nullptr);
  for (int i = 0; i < threads; ++i) b.arena.take(b.thread_floats());
  return b.arena.used();
}

void conv2d_backward_data(ThreadPool& pool, Precision precision, float* dx, const float* dy, const float* w,
                          const ConvShape& s, void* workspace) {
  const int threads = pool.threads();
  BackwardData b(s, use_pairs(precision), threads, workspace);
  if (s.batch <= 0) return;
  float* scratch = b.arena.take(b.thread_floats());
  const int64_t stride = ceil_div(b.thread_floats(), 16) * 16;  // as the arena lays them out
  b.fill_offsets();
  b.pack_weights(pool, w);
  pool.run(threads, [&](int part) {
    const int64_t end = s.batch * (part + 1) / threads;
    for (int64_t g = 0; g < s.groups; ++g) {
      for (int64_t n = s.batch * part / threads; n < end; n += b.together) {
        b.run(g, dx, dy, n, std::min(b.together, end - n), n + b.together < end, scratch + part * stride);
      }
    }
  });
}

}  // namespace isolens
