// The one way in for pictures of structures, whether drawn for training or sent as a query.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "drawing.h"

namespace isolens {
namespace {

struct Levels {
  int paper = 255, ink = 0;  // grey levels; ink > paper where the picture is inverted
  bool found = false;
};

// Paper is the most common level; ink lies on the side of it that holds more contrast.
Levels find_levels(const uint8_t* gray, size_t count) {
  uint32_t tables[4][256] = {}, histogram[256];
  // About 12,000 samples tell the levels; an odd step meets no column pattern.
  const size_t step = std::max<size_t>(1, count / 12000) | 1;
  size_t samples = 0;
  for (size_t i = 0; i < count; i += step, ++samples) ++tables[samples & 3][gray[i]];
  for (int v = 0; v < 256; ++v) histogram[v] = tables[0][v] + tables[1][v] + tables[2][v] + tables[3][v];
  Levels levels;
  uint32_t best = 0;
  for (int v = 0; v < 256; ++v) {
    if (histogram[v] * 5 < best) continue;
    uint32_t near = 0;
    for (int k = std::max(0, v - 2); k <= std::min(255, v + 2); ++k) near += histogram[k];
    if (near > best || (near == best && histogram[v] > histogram[levels.paper])) {
      best = near;
      levels.paper = v;
    }
  }
  double darker = 0, lighter = 0;
  for (int v = 0; v < 256; ++v) {
    const double contrast = std::abs(v - levels.paper) < 16 ? 0 : std::abs(v - levels.paper) * double(histogram[v]);
    (v < levels.paper ? darker : lighter) += contrast;
  }
  if (darker + lighter == 0) return levels;
  const int direction = darker >= lighter ? 1 : -1, end = direction > 0 ? 0 : 255;
  uint32_t beyond = 0;
  for (int v = end; v != levels.paper - direction * 15; v += direction) beyond += histogram[v];
  const uint32_t wanted = std::max<uint32_t>(1, beyond / 12);
  uint32_t seen = 0;
  for (int v = end; v != levels.paper - direction * 15; v += direction) {
    seen += histogram[v];
    if (seen >= wanted) {
      levels.ink = v;
      levels.found = true;
      return levels;
    }
  }
  return levels;
}

// 0 = paper ... 255 = ink; the faintest tenth (paper texture, compression noise) is paper.
void to_ink(uint8_t* __restrict out, const uint8_t* __restrict gray, size_t count, const Levels& levels) {
  const float scale = 255.0f / (0.9f * static_cast<float>(levels.ink - levels.paper));
  const float offset = -scale * (levels.paper + 0.1f * static_cast<float>(levels.ink - levels.paper));
  for (size_t i = 0; i < count; ++i) {
    const float value = gray[i] * scale + offset;
    out[i] = static_cast<uint8_t>(std::min(255.0f, std::max(0.0f, value)));
  }
}

struct PixelBox {
  int top = 0, left = 0, bottom = 0, right = 0;  // bottom and right exclusive
};

// Groups of touching cells; specks far smaller than the rest do not widen the crop.
class InkCells {
 public:
  InkCells(const uint8_t* ink, int rows, int columns) : ink_(ink), rows_(rows), columns_(columns) {
    cell_ = std::max(2, (std::max(rows, columns) + 79) / 80);
    high_ = (rows + cell_ - 1) / cell_;
    wide_ = (columns + cell_ - 1) / cell_;
    pitch_ = wide_ + 2;  // an empty cell all round, so that neighbours need no bounds
    counts_.assign(static_cast<size_t>(high_ + 2) * pitch_, 0);
    thread_local std::vector<uint8_t> sums;
    sums.resize(columns);
    for (int y = 0; y < high_; ++y) {
      // Only whether a cell has ink and roughly how much: at most 255 rows are counted.
      std::fill(sums.begin(), sums.end(), uint8_t{0});
      const int top = y * cell_, end = std::min({rows, top + cell_, top + 255});
      for (int r = top; r < end; ++r) {
        const uint8_t* __restrict row = ink + static_cast<size_t>(r) * columns;
        uint8_t* __restrict sum = sums.data();
        for (int x = 0; x < columns; ++x) sum[x] = static_cast<uint8_t>(sum[x] + (row[x] >= kInk ? 1 : 0));
      }
      int32_t* cells = &counts_[static_cast<size_t>(y + 1) * pitch_ + 1];
      for (int x = 0, cell = 0; x < columns; ++cell) {
        for (const int last = std::min(columns, x + cell_); x < last; ++x) cells[cell] += sums[x];
      }
    }
  }

  bool box(PixelBox& out) {
    thread_local std::vector<Group> groups;
    groups.clear();
    int64_t total = 0;
    for (int y = 1; y <= high_; ++y) {
      for (int x = 1; x <= wide_; ++x) {
        if (counts_[static_cast<size_t>(y) * pitch_ + x] == 0) continue;
        groups.push_back(take_group(y * pitch_ + x));
        total += groups.back().ink;
      }
    }
    PixelBox cells{high_, wide_, -1, -1};
    for (const Group& group : groups) {
      const bool small = group.bottom - group.top <= 1 && group.right - group.left <= 1;
      if (small && group.ink * 500 < total) continue;
      cells = {std::min(cells.top, group.top), std::min(cells.left, group.left), std::max(cells.bottom, group.bottom),
               std::max(cells.right, group.right)};
    }
    if (cells.bottom < 0) return false;
    tighten(cells, out);
    return true;
  }

 private:
  static constexpr uint8_t kInk = 90;
  struct Group { int top, left, bottom, right; int64_t ink; };

  // Empties the cells of one group while measuring it.
  Group take_group(int start) {
    Group group{high_, wide_, -1, -1, 0};
    const int around[8] = {-pitch_ - 1, -pitch_, -pitch_ + 1, -1, 1, pitch_ - 1, pitch_, pitch_ + 1};
    stack_.assign(1, start);
    group.ink = counts_[start];
    counts_[start] = 0;
    while (!stack_.empty()) {
      const int at = stack_.back(), y = at / pitch_ - 1, x = at % pitch_ - 1;
      stack_.pop_back();
      group.top = std::min(group.top, y);
      group.bottom = std::max(group.bottom, y);
      group.left = std::min(group.left, x);
      group.right = std::max(group.right, x);
      for (const int step : around) {
        if (counts_[at + step] == 0) continue;
        group.ink += counts_[at + step];
        counts_[at + step] = 0;
        stack_.push_back(at + step);
      }
    }
    return group;
  }

  bool row_has_ink(int row, int left, int right) const {
    const uint8_t* at = ink_ + static_cast<size_t>(row) * columns_;
    for (int x = left; x < right; ++x) if (at[x] >= kInk) return true;
    return false;
  }
  bool column_has_ink(int column, int top, int bottom) const {
    for (int y = top; y < bottom; ++y) if (ink_[static_cast<size_t>(y) * columns_ + column] >= kInk) return true;
    return false;
  }
  // From cells to pixels.
  void tighten(const PixelBox& cells, PixelBox& out) const {
    out = {cells.top * cell_, cells.left * cell_, std::min(rows_, (cells.bottom + 1) * cell_),
           std::min(columns_, (cells.right + 1) * cell_)};
    while (out.top + 1 < out.bottom && !row_has_ink(out.top, out.left, out.right)) ++out.top;
    while (out.bottom - 1 > out.top && !row_has_ink(out.bottom - 1, out.left, out.right)) --out.bottom;
    while (out.left + 1 < out.right && !column_has_ink(out.left, out.top, out.bottom)) ++out.left;
    while (out.right - 1 > out.left && !column_has_ink(out.right - 1, out.top, out.bottom)) --out.right;
  }

  const uint8_t* ink_;
  int rows_, columns_, cell_, high_, wide_, pitch_;
  std::vector<int32_t> counts_;
  std::vector<int> stack_;
};

// Every output pixel covers `width` input pixels from its `first` on, with these shares of one (some zero).
struct Taps {
  int width = 1;
  std::vector<int> first;
  std::vector<float> weights;  // (outputs, width)
};

// Area averaging when shrinking, linear interpolation when enlarging.
void make_taps(Taps& taps, int outputs, int inputs) {
  const float scale = static_cast<float>(inputs) / static_cast<float>(outputs), reach = std::max(scale, 1.0f);
  taps.width = std::min(inputs, static_cast<int>(std::ceil(reach)) + 1);
  taps.first.resize(outputs);
  taps.weights.resize(static_cast<size_t>(outputs) * taps.width);
  for (int i = 0; i < outputs; ++i) {
    const float middle = (i + 0.5f) * scale, low = std::max(0.0f, middle - reach / 2);
    const float high = std::min(static_cast<float>(inputs), middle + reach / 2);
    taps.first[i] = std::clamp(static_cast<int>(low), 0, inputs - taps.width);
    for (int k = 0; k < taps.width; ++k) {
      const float at = static_cast<float>(taps.first[i] + k);
      taps.weights[static_cast<size_t>(i) * taps.width + k] = std::max(0.0f, std::min(high, at + 1) - std::max(low, at)) / reach;
    }
  }
}

template <int kWidth>
void weigh_columns(float* __restrict out, const float* __restrict line, const Taps& taps, int outputs) {
  const float* __restrict weight = taps.weights.data();
  const int* __restrict first = taps.first.data();
  const int width = kWidth > 0 ? kWidth : taps.width;
  for (int x = 0; x < outputs; ++x, weight += width) {
    float sum = 0;
    for (int k = 0; k < width; ++k) sum += weight[k] * line[first[x] + k];
    out[x] = sum;
  }
}

// ink (rows of `stride`) inside box -> out, centred.
void shrink(float* out, int height, int width, const uint8_t* ink, int stride, const PixelBox& box) {
  const int rows = box.bottom - box.top, columns = box.right - box.left;
  const int margin = std::max(1, std::min(height, width) / 64);
  const float innerHeight = static_cast<float>(std::max(1, height - 2 * margin));
  const float innerWidth = static_cast<float>(std::max(1, width - 2 * margin));
  const float scale = std::max(rows / innerHeight, columns / innerWidth);
  const int outRows = std::clamp(static_cast<int>(rows / scale + 0.5f), 1, height);
  const int outColumns = std::clamp(static_cast<int>(columns / scale + 0.5f), 1, width);
  thread_local Taps rowTaps, columnTaps;
  thread_local std::vector<float> sums;
  make_taps(rowTaps, outRows, rows);
  make_taps(columnTaps, outColumns, columns);
  sums.resize(columns);
  float* start = out + static_cast<size_t>((height - outRows) / 2) * width + (width - outColumns) / 2;
  for (int y = 0; y < outRows; ++y, start += width) {
    float* __restrict line = sums.data();
    std::fill(line, line + columns, 0.0f);
    for (int k = 0; k < rowTaps.width; ++k) {
      const float weight = rowTaps.weights[static_cast<size_t>(y) * rowTaps.width + k] * (1.0f / 255);
      if (weight == 0) continue;
      const uint8_t* __restrict row = ink + static_cast<size_t>(box.top + rowTaps.first[y] + k) * stride + box.left;
      for (int x = 0; x < columns; ++x) line[x] += weight * row[x];
    }
    if (columnTaps.width == 2) weigh_columns<2>(start, line, columnTaps, outColumns);
    else if (columnTaps.width == 3) weigh_columns<3>(start, line, columnTaps, outColumns);
    else if (columnTaps.width == 4) weigh_columns<4>(start, line, columnTaps, outColumns);
    else weigh_columns<0>(start, line, columnTaps, outColumns);
  }
}

// Thin lines of a large molecule come out pale after shrinking. The darkest twentieth of the inked pixels becomes 1.
void stretch_contrast(float* out, size_t count) {
  // Every third pixel is enough; four tables in turn, as long runs of paper would otherwise wait for one counter.
  int tables[4][65] = {}, histogram[65], inked = 0;
  for (size_t i = 0; i < count; i += 3) ++tables[i & 3][static_cast<int>(std::min(1.0f, out[i]) * 64)];
  for (int v = 0; v <= 64; ++v) histogram[v] = tables[0][v] + tables[1][v] + tables[2][v] + tables[3][v];
  for (int v = 5; v <= 64; ++v) inked += histogram[v];
  int level = 64;
  for (int seen = 0; level > 12; --level) {
    seen += histogram[level];
    if (seen * 20 >= inked) break;
  }
  const float scale = 64.0f / static_cast<float>(level);
  for (size_t i = 0; i < count; ++i) out[i] = std::min(1.0f, out[i] * scale);
}

}  // namespace

bool ink_of(uint8_t* out, const uint8_t* gray, size_t count) {
  const Levels levels = find_levels(gray, count);
  if (levels.found) to_ink(out, gray, count, levels);
  return levels.found;
}

bool normalise_drawing(float* out, int height, int width, const uint8_t* gray, int rows, int columns) {
  if (height <= 0 || width <= 0) return false;
  std::fill(out, out + static_cast<size_t>(height) * width, 0.0f);
  if (gray == nullptr || rows <= 0 || columns <= 0) return false;
  const size_t count = static_cast<size_t>(rows) * columns;
  thread_local std::vector<uint8_t> ink;
  ink.resize(count);
  if (!ink_of(ink.data(), gray, count)) return false;
  PixelBox box;
  if (!InkCells(ink.data(), rows, columns).box(box)) return false;
  shrink(out, height, width, ink.data(), columns, box);
  stretch_contrast(out, static_cast<size_t>(height) * width);
  return true;
}

}  // namespace isolens
