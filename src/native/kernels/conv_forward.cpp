#include <algorithm>

#include "conv_correlate.h"
#include "conv_parts.h"
#include "gemm.h"
#include "pack.h"

namespace isolens {
namespace {

struct Forward {
  const ConvShape& s;
  GroupShape z;
  bool staged;  // else the image itself serves: 1 x 1 windows, nothing padded, nothing converted
  Stage stage;
  int64_t depth, weights_stride, together, stage_stride;
  int32_t* offsets;
  float* weights;  // [groups][panels]
  TapTarget* targets;
  Arena arena;

  Forward(const ConvShape& shape, bool pairs, int threads, void* workspace) : s(shape), z(shape), arena(workspace) {
    staged = pairs || z.taps != 1 || s.stride_height != 1 || s.stride_width != 1 || s.pad_top || s.pad_left || s.pad_bottom ||
             s.pad_right;
    plan_stage(pairs);
    depth = stage.lanes() * z.taps;
    weights_stride = ceil_div(z.outputs, simd::kRows) * simd::kRows * depth;
    stage_stride = staged ? stage.size() : s.in_channels * z.in_plane;
    offsets = arena.take<int32_t>(depth);
    weights = arena.take(s.groups * weights_stride);
    targets = arena.take<TapTarget>(z.taps);
    const bool whole_images = s.batch >= 2 * threads;
    together = whole_images ? images_at_once(correlation(0, nullptr), ceil_div(s.batch, threads), stage.size()) : 1;
  }

  void plan_stage(bool pairs) {
    stage.pairs = pairs;
    stage.channels = z.channels;
    stage.height = s.in_height;
    stage.width = s.in_width;
    stage.pad_top = s.pad_top;
    stage.pad_left = s.pad_left;
    stage.rows = (s.out_height() - 1) * s.stride_height + s.kernel_height;
    stage.phases = s.stride_width;
    stage.pitch = s.out_width() + (s.kernel_width - 1) / s.stride_width;
    stage.row_period = s.stride_height;
    stage.row_used = std::min(s.stride_height, s.kernel_height);
    stage.phases_used = std::min(s.stride_width, s.kernel_width);
  }

  int64_t thread_floats() const { return (staged ? together * stage.size() : 0) + correlate_scratch(z.outputs, depth); }

  void fill_offsets() {
    for (int64_t r = 0, i = 0; r < s.kernel_height; ++r) {
      for (int64_t lane = 0; lane < stage.lanes(); ++lane) {
        for (int64_t t = 0; t < s.kernel_width; ++t) offsets[i++] = static_cast<int32_t>(lane * stage.plane() + stage.at(r, t));
      }
    }
  }

  Correlation correlation(int64_t g, const float* bias) const {
    Correlation c;
    c.pairs = stage.pairs;
    c.outputs = z.outputs;
    c.rows = s.out_height();
    c.columns = s.out_width();
    c.tap_rows = s.kernel_height;
    c.tap_lanes = stage.lanes() * s.kernel_width;
    c.row_stride = s.stride_height;
    c.row_floats = stage.row_floats();
    c.first_row = 0;
    c.live_begin = s.pad_top;
    c.live_end = s.pad_top + s.in_height;
    c.offsets = offsets;
    c.weights = weights + g * weights_stride;
    c.bias = bias ? bias + g * z.outputs : nullptr;
    return c;
  }

  void pack_weights(ThreadPool& pool, const float* w) {
    const int64_t blocks = ceil_div(z.outputs, simd::kLanes);
    for (int64_t g = 0; g < s.groups; ++g) {
      float* out = weights + g * weights_stride;
      const float* from = w + g * z.outputs * z.channels * z.taps;
      for (int64_t r = 0; r < s.kernel_height; ++r) {
        for (int64_t t = 0; t < s.kernel_width; ++t) {
          targets[r * s.kernel_width + t] = {out, depth * simd::kRows, s.kernel_width, r * stage.lanes() * s.kernel_width + t};
        }
      }
      pool.range(blocks, ceil_div(16384, depth * simd::kLanes), [&](int64_t begin, int64_t end) {
        pack_taps(stage.pairs, from, z.channels * z.taps, z.taps, z.outputs, z.channels, z.taps, targets,
                  begin * simd::kLanes, end * simd::kLanes);
      });
    }
  }

  const float* source_of(int64_t g, const float* x, int64_t n) const {
    return x + (n * s.in_channels + g * z.channels) * z.in_plane;
  }

  // Outputs [begin, end) of one group, counted through the planes of all images.
  void run(int64_t g, float* y, const float* x, const float* bias, int64_t begin, int64_t end, float* scratch) const {
    const Correlation c = correlation(g, bias);
    float* images = scratch + correlate_scratch(z.outputs, depth);
    for (int64_t at = begin; at < end;) {
      const int64_t first = at / z.pixels;  // with several images at once, at and end are whole images
      const int64_t last = std::min(first + together, ceil_div(end, z.pixels));
      const int64_t stop = std::min(end, last * z.pixels);
      const float* source = source_of(g, x, first);
      if (staged) {
        for (int64_t n = first; n < last; ++n) {
          stage_image(images + (n - first) * stage_stride, source + (n - first) * s.in_channels * z.in_plane, stage);
        }
        source = images;
      }
      Prefetch next;
      if (stop < end) {
        next = Prefetch(source_of(g, x, last), (s.groups == 1 ? std::min(together, s.batch - last) : 1) * z.channels * z.in_plane,
                        count_tiles(z.outputs, stop - at));
      }
      correlate(c, y + (first * s.out_channels + g * z.outputs) * z.pixels, s.out_channels * z.pixels, source, stage_stride,
                last - first, at - first * z.pixels, stop - first * z.pixels, scratch, next);
      at = stop;
    }
  }
};

// Thread `part` of `parts`: whole images where there are enough, else whole panels.
int64_t share_begin(int64_t part, int64_t parts, int64_t images, int64_t pixels) {
  if (images >= 2 * parts) return images * part / parts * pixels;
  const int64_t total = images * pixels;
  return std::min(total, ceil_div(total, simd::kColumns) * part / parts * simd::kColumns);
}

}  // namespace

size_t forward_workspace_bytes(const ConvShape& shape, bool pairs, int threads) {
  Forward f(shape, pairs, threads, nullptr);
  for (int i = 0; i < threads; ++i) f.arena.take(f.thread_floats());
  return f.arena.used();
}

void conv2d_forward(ThreadPool& pool, Precision precision, float* y, const float* x, const float* w, const float* bias,
                    const ConvShape& s, void* workspace) {
  const int threads = pool.threads();
  Forward f(s, use_pairs(precision), threads, workspace);
  if (s.batch * f.z.pixels <= 0) return;
  float* scratch = f.arena.take(f.thread_floats());
  const int64_t stride = ceil_div(f.thread_floats(), 16) * 16;  // as the arena lays them out
  f.fill_offsets();
  f.pack_weights(pool, w);
  pool.run(threads, [&](int part) {
    const int64_t begin = share_begin(part, threads, s.batch, f.z.pixels);
    const int64_t end = share_begin(part + 1, threads, s.batch, f.z.pixels);
    for (int64_t g = 0; g < s.groups; ++g) f.run(g, y, x, bias, begin, end, scratch + part * stride);
  });
}

}  // namespace isolens
