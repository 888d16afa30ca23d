// Normalisation of each channel of x: (N, C, H, W) or (N, C) over all else; optionally with the Relu after it.
//
// A channel is read twice, once for its statistics and once to be written. Channels are taken a few at a time, so that the
// second reading finds them in the cache; threads own channels, so sums do not depend on timing.
#include <algorithm>
#include <cmath>
#include <vector>

#include "../loops.h"

namespace isolens {

namespace {

struct Layout {
  int64_t batch, channels, plane;
  const float* at(const float* x, int64_t n, int64_t c) const { return x + (n * channels + c) * plane; }
  float* at(float* x, int64_t n, int64_t c) const { return x + (n * channels + c) * plane; }
};

// Channels [first, last) of rows; with planes of one element, a row of channels is the contiguous run.
constexpr int64_t kChannelTile = 64;

template <bool Relu>
class BatchNormalizationOp final : public Op {
 public:
  explicit BatchNormalizationOp(AttributeReader& attributes)
      : epsilon_(attributes.number("epsilon", 1e-5)), momentum_(static_cast<float>(attributes.number("momentum", 0.9))) {
    if (!(epsilon_ > 0)) attributes.refuse("epsilon", "positive");
    if (!(momentum_ >= 0 && momentum_ <= 1)) attributes.refuse("momentum", "from 0 to 1");
  }

  Signature signature() const override { return {5, 5, "f"}; }

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 2 && in[0].rank() != 4) return "an input (N, C) or (N, C, H, W)";
    for (size_t k = 1; k < 5; k++) {
      if (in[k].shape != Shape{in[0].shape[1]}) return "parameters of shape (" + std::to_string(in[0].shape[1]) + ")";
    }
    if (!in[3].parameter || !in[4].parameter) return "running statistics that are parameters";
    out->shape = in[0].shape;
    return "";
  }

  bool differentiable(size_t input, const std::vector<TensorSpec>&) const override { return input < 3; }
  Reuse backward_reuse(size_t input) const override { return input == 0 ? Reuse::kOverwrite : Reuse::kNone; }
  bool backward_reads_input(size_t input, const std::vector<bool>&) const override { return input != 2; }
  bool backward_reads_output() const override { return Relu; }
  // Mean and 1 / sqrt(variance + epsilon) of each channel.
  size_t saved_bytes(const std::vector<TensorSpec>& in, const TensorSpec&) const override { return static_cast<size_t>(in[1].count()) * 8; }

  std::string forward(OpContext& context) const override {
    const Layout s = layout(context);
    std::vector<float> local;
    float* mean = static_cast<float*>(context.saved);
    if (mean == nullptr) {
      local.resize(static_cast<size_t>(s.channels) * 2);
      mean = local.data();
    }
    float* inverse = mean + s.channels;
    over_tiles(context.pool, s, [&](int64_t first, int64_t last) {
      if (context.training) {
        batch_statistics(context, s, first, last, mean, inverse);
      } else {
        for (int64_t c = first; c < last; c++) {
          mean[c] = context.f32(3)[c];
          inverse[c] = static_cast<float>(1.0 / std::sqrt(static_cast<double>(context.f32(4)[c]) + epsilon_));
        }
      }
      normalise(context, s, first, last, mean, inverse);
    });
    return "";
  }

  void backward(OpContext& context) const override {
    const Layout s = layout(context);
    const float* mean = static_cast<float*>(context.saved);
    const float* inverse = mean + s.channels;
    for (size_t k = 1; k < 3; k++) {
      if (context.wants(k) && !context.accumulate[k]) std::fill_n(context.dx[k], s.channels, 0.0f);
    }
    over_tiles(context.pool, s, [&](int64_t first, int64_t last) {
      double sum[kChannelTile] = {}, product[kChannelTile] = {};
      gradient_sums(context, s, first, last, mean, inverse, sum, product);
      for (int64_t c = first; c < last; c++) {
        if (context.wants(1)) context.dx[1][c] += static_cast<float>(product[c - first]);
        if (context.wants(2)) context.dx[2][c] += static_cast<float>(sum[c - first]);
      }
      if (context.wants(0)) input_gradient(context, s, first, last, mean, inverse, sum, product);
    });
  }

 private:
  static Layout layout(const OpContext& context) {
    const Shape& x = context.in[0].shape;
    return {x[0], x[1], x.size() == 4 ? x[2] * x[3] : 1};
  }

  // A tile is small enough for the second-level cache and its runs long enough to be read at speed.
  template <typename Body>
  static void over_tiles(ThreadPool& pool, const Layout& s, const Body& body) {
    int64_t tile = std::max<int64_t>(1, (512 << 10) / std::max<int64_t>(1, s.batch * s.plane * 4));
    tile = std::max(tile, (512 + s.plane - 1) / std::max<int64_t>(1, s.plane));
    tile = std::min({tile, kChannelTile, std::max<int64_t>(1, (s.channels + pool.threads() - 1) / pool.threads())});
    const int64_t tiles = (s.channels + tile - 1) / tile;
    pool.range(tiles, 1, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) body(t * tile, std::min(s.channels, (t + 1) * tile));
    });
  }

  void batch_statistics(OpContext& context, const Layout& s, int64_t first, int64_t last, float* mean, float* inverse) const {
    // Sums of x - pivot and its square; a pivot among the values keeps the variance of data far from zero exact.
    float pivot[kChannelTile];
    double sum[kChannelTile] = {}, square[kChannelTile] = {};
    for (int64_t c = first; c < last; c++) pivot[c - first] = *s.at(context.f32(0), 0, c);
    if (s.plane == 1) {
      column_sums(s, first, last, sum, square, [&](int64_t n, int64_t c, int64_t j, float* a, float* b) {
        const float d = s.at(context.f32(0), n, 0)[c] - pivot[j];
        *a += d;
        *b += d * d;
      });
    } else {
      for (int64_t n = 0; n < s.batch; n++) {
        for (int64_t c = first; c < last; c++) {
          const float* x = s.at(context.f32(0), n, c);
          const float p = pivot[c - first];
          two_sums(s.plane, &sum[c - first], &square[c - first], [=](int64_t i, float* a, float* b) {
            const float d = x[i] - p;
            *a += d;
            *b += d * d;
          });
        }
      }
    }
    const double count = static_cast<double>(s.batch * s.plane);
    // Written only while training: the running statistics belong to the parameters.
    float* running_mean = static_cast<float*>(context.x[3]);
    float* running_variance = static_cast<float*>(context.x[4]);
    for (int64_t c = first; c < last; c++) {
      const double shift = sum[c - first] / count;
      const double variance = std::max(0.0, square[c - first] / count - shift * shift);
      const double average = pivot[c - first] + shift;
      mean[c] = static_cast<float>(average);
      inverse[c] = static_cast<float>(1.0 / std::sqrt((std::isnan(square[c - first]) ? square[c - first] : variance) + epsilon_));
      running_mean[c] = momentum_ * running_mean[c] + (1.0f - momentum_) * static_cast<float>(average);
      running_variance[c] = momentum_ * running_variance[c] + (1.0f - momentum_) * static_cast<float>(variance);
    }
  }

  static float activate(float z) { return Relu && z < 0.0f ? 0.0f : z; }
  static float masked(float dy, float y) { return Relu ? (y > 0.0f ? dy : 0.0f) : dy; }

  static void normalise(OpContext& context, const Layout& s, int64_t first, int64_t last, const float* mean, const float* inverse) {
    float scale[kChannelTile], bias[kChannelTile], centre[kChannelTile];
    for (int64_t c = first; c < last; c++) {
      scale[c - first] = context.f32(1)[c] * inverse[c];
      bias[c - first] = context.f32(2)[c];
      centre[c - first] = mean[c];
    }
    for (int64_t n = 0; n < s.batch; n++) {
      if (s.plane == 1) {
        const float* x = s.at(context.f32(0), n, first);
        float* y = s.at(context.out_f32(), n, first);
        for (int64_t j = 0; j < last - first; j++) y[j] = activate((x[j] - centre[j]) * scale[j] + bias[j]);
        continue;
      }
      for (int64_t c = first; c < last; c++) {
        const float* x = s.at(context.f32(0), n, c);
        float* y = s.at(context.out_f32(), n, c);
        const float a = scale[c - first], b = bias[c - first], m = centre[c - first];
        for (int64_t i = 0; i < s.plane; i++) y[i] = activate((x[i] - m) * a + b);
      }
    }
  }

  // Of each channel: sum of dz and of dz * normalised x, where dz is dy behind the activation.
  static void gradient_sums(OpContext& context, const Layout& s, int64_t first, int64_t last, const float* mean, const float* inverse, double* sum, double* product) {
    const float* y = Relu ? context.out_f32() : context.dy;
    if (s.plane == 1) {
      column_sums(s, first, last, sum, product, [&](int64_t n, int64_t c, int64_t, float* a, float* b) {
        const float dz = masked(s.at(context.dy, n, 0)[c], s.at(y, n, 0)[c]);
        *a += dz;
        *b += dz * ((s.at(context.f32(0), n, 0)[c] - mean[c]) * inverse[c]);
      });
      return;
    }
    for (int64_t n = 0; n < s.batch; n++) {
      for (int64_t c = first; c < last; c++) {
        const float* x = s.at(context.f32(0), n, c);
        const float* dy = s.at(context.dy, n, c);
        const float* out = s.at(y, n, c);
        const float m = mean[c], r = inverse[c];
        two_sums(s.plane, &sum[c - first], &product[c - first], [=](int64_t i, float* a, float* b) {
          const float dz = masked(dy[i], out[i]);
          *a += dz;
          *b += dz * ((x[i] - m) * r);
        });
      }
    }
  }

  // dx = scale / std * (dz - mean(dz) - x^ * mean(dz x^)); with running statistics only the first term.
  static void input_gradient(OpContext& context, const Layout& s, int64_t first, int64_t last, const float* mean, const float* inverse, const double* sum, const double* product) {
    const float* y = Relu ? context.out_f32() : context.dy;
    const bool accumulate = context.accumulate[0];
    const double count = static_cast<double>(s.batch * s.plane);
    float gain[kChannelTile], slope[kChannelTile], offset[kChannelTile], centre[kChannelTile];
    for (int64_t c = first; c < last; c++) {
      const int64_t j = c - first;
      gain[j] = context.f32(1)[c] * inverse[c];
      // x^ * mean(dz x^) + mean(dz) = (x - mean) * slope + offset
      slope[j] = context.training ? static_cast<float>(product[j] / count) * inverse[c] : 0.0f;
      offset[j] = context.training ? static_cast<float>(sum[j] / count) : 0.0f;
      centre[j] = mean[c];
    }
    for (int64_t n = 0; n < s.batch; n++) {
      if (s.plane == 1) {
        const float* x = s.at(context.f32(0), n, first);
        const float* dy = s.at(context.dy, n, first);
        const float* out = s.at(y, n, first);
        store_terms(s.at(context.dx[0], n, first), 0, last - first, accumulate, [&](int64_t j) {
          return gain[j] * (masked(dy[j], out[j]) - offset[j] - (x[j] - centre[j]) * slope[j]);
        });
        continue;
      }
      for (int64_t c = first; c < last; c++) {
        const float* x = s.at(context.f32(0), n, c);
        const float* dy = s.at(context.dy, n, c);
        const float* out = s.at(y, n, c);
        const float g = gain[c - first], k = slope[c - first], o = offset[c - first], m = centre[c - first];
        store_terms(s.at(context.dx[0], n, c), 0, s.plane, accumulate, [=](int64_t i) { return g * (masked(dy[i], out[i]) - o - (x[i] - m) * k); });
      }
    }
  }

  // Adds term(i, &a, &b) over a plane to two sums: lanes in f32, the result in double.
  template <typename Term>
  static void two_sums(int64_t n, double* first, double* second, const Term& term) {
    float a[kLanes] = {}, b[kLanes] = {};
    int64_t i = 0;
    for (int64_t flushed = 0; i + kLanes <= n; i += kLanes) {
      for (int lane = 0; lane < kLanes; lane++) term(i + lane, &a[lane], &b[lane]);
      if (i - flushed < 64 * kLanes) continue;
      flushed = i;
      fold(a, first);
      fold(b, second);
    }
    for (int lane = 0; i < n; i++, lane++) term(i, &a[lane], &b[lane]);
    fold(a, first);
    fold(b, second);
  }
  static void fold(float* lanes, double* total) {
    for (int width = kLanes / 2; width > 0; width /= 2) {
      for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
    }
    *total += lanes[0];
    for (int lane = 0; lane < kLanes; lane++) lanes[lane] = 0;
  }

  // Planes of one element: sums down the rows, a short run of rows in f32, runs in double.
  template <typename Term>
  static void column_sums(const Layout& s, int64_t first, int64_t last, double* sums, double* products, const Term& term) {
    for (int64_t start = 0; start < s.batch; start += 64) {
      float a[kChannelTile] = {}, b[kChannelTile] = {};
      for (int64_t n = start; n < std::min(start + 64, s.batch); n++) {
        for (int64_t c = first; c < last; c++) term(n, c, c - first, &a[c - first], &b[c - first]);
      }
      for (int64_t j = 0; j < last - first; j++) {
        sums[j] += a[j];
        products[j] += b[j];
      }
    }
  }

  double epsilon_;
  float momentum_;
};

}  // namespace

std::unique_ptr<Op> make_batch_normalization(AttributeReader& attributes) { return std::make_unique<BatchNormalizationOp<false>>(attributes); }
std::unique_ptr<Op> make_batch_normalization_relu(AttributeReader& attributes) { return std::make_unique<BatchNormalizationOp<true>>(attributes); }

}  // namespace isolens
