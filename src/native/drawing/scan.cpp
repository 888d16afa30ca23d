#include "scan.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace isolens::drawing {
namespace {

constexpr int kNoiseSize = 1 << 15;

// Fixed tables of random numbers: a fresh normal per pixel would cost more than drawing. Rows start at random places.
struct Tables {
  int8_t normal[2 * kNoiseSize];   // standard deviation 32
  int8_t ripple[16][64];           // cosine patterns of one 8 x 8 block, amplitude 100
  Tables() {
    Rng rng(20240229);
    for (int8_t& value : normal) value = static_cast<int8_t>(std::clamp(32 * rng.normal(), -127.0f, 127.0f));
    for (int p = 0; p < 16; ++p) {
      const int u = 1 + p % 4, v = p / 4;
      for (int k = 0; k < 64; ++k) {
        const float x = std::cos((2 * static_cast<float>(k % 8) + 1) * u * 0.19634954f);
        const float y = std::cos((2 * static_cast<float>(k / 8) + 1) * v * 0.19634954f);
        ripple[p][k] = static_cast<int8_t>(100 * x * y);
      }
    }
  }
};

const Tables& tables() {
  static const Tables all;
  return all;
}

uint8_t clamp_byte(int v) { return static_cast<uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v); }

void blur(uint8_t* pixels, int rows, int columns, std::vector<uint8_t>& line) {
  line.resize(static_cast<size_t>(columns) * 2);
  uint8_t* __restrict before = line.data();
  std::memcpy(before, pixels, columns);
  for (int y = 0; y < rows; ++y) {
    uint8_t* __restrict row = pixels + static_cast<size_t>(y) * columns;
    const uint8_t* __restrict below = row + (y + 1 < rows ? columns : 0);
    for (int x = 0; x < columns; ++x) {
      const int own = row[x];
      row[x] = static_cast<uint8_t>((before[x] + 2 * own + below[x] + 2) >> 2);
      before[x] = static_cast<uint8_t>(own);
    }
  }
  uint8_t* __restrict copy = line.data() + columns;
  for (int y = 0; y < rows; ++y) {
    uint8_t* __restrict row = pixels + static_cast<size_t>(y) * columns;
    std::memcpy(copy, row, columns);
    for (int x = 1; x + 1 < columns; ++x) row[x] = static_cast<uint8_t>((copy[x - 1] + 2 * copy[x] + copy[x + 1] + 2) >> 2);
  }
}

// Adds normal noise of deviation `amount` (of full ink); before a threshold only grey edges are changed by it.
void add_noise(uint8_t* pixels, int rows, int columns, float amount, Rng& rng) {
  const int scale = static_cast<int>(amount * 255 / 32 * 256);
  for (int y = 0; y < rows; ++y) {
    uint8_t* __restrict row = pixels + static_cast<size_t>(y) * columns;
    const int8_t* __restrict noise = tables().normal + rng.below(kNoiseSize);
    const int width = std::min(columns, kNoiseSize);
    for (int x = 0; x < width; ++x) {
      const int v = row[x] + ((noise[x] * scale) >> 8);
      row[x] = static_cast<uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v);
    }
  }
}

void to_one_bit(uint8_t* pixels, int rows, int columns, const Scan& scan, Rng& rng) {
  const int scale = static_cast<int>(scan.roughness * 255 / 32 * 256 * 0.5f);
  const int limit = std::clamp(static_cast<int>(scan.threshold * 255), 8, 248);
  for (int y = 0; y < rows; ++y) {
    uint8_t* __restrict row = pixels + static_cast<size_t>(y) * columns;
    const int8_t* __restrict noise = tables().normal + rng.below(kNoiseSize);
    const int width = std::min(columns, kNoiseSize);
    for (int x = 0; x < width; ++x) {
      // Paper stays paper: noise is scaled by how grey the pixel is.
      const int own = row[x], grey = own < 128 ? 2 * own : 2 * (255 - own);
      const int v = own + ((((noise[x] * scale) >> 8) * grey) >> 8);
      row[x] = v >= limit ? 255 : 0;
    }
  }
}

void spots(uint8_t* pixels, int rows, int columns, float perThousand, uint8_t value, Rng& rng) {
  const float expected = perThousand * static_cast<float>(rows) * static_cast<float>(columns) / 1000;
  const int count = static_cast<int>(expected + rng.uniform());
  for (int k = 0; k < std::min(count, 2000); ++k) {
    const int size = 1 + (rng.chance(0.4f) ? static_cast<int>(rng.below(2)) : 0);
    const int y = static_cast<int>(rng.below(static_cast<uint32_t>(rows))), x = static_cast<int>(rng.below(static_cast<uint32_t>(columns)));
    for (int v = y; v < std::min(rows, y + size); ++v) {
      for (int u = x; u < std::min(columns, x + size); ++u) pixels[static_cast<size_t>(v) * columns + u] = value;
    }
  }
}

void repeat_rows(uint8_t* pixels, int rows, int columns, int count, Rng& rng) {
  for (int k = 0; k < count && rows > 4; ++k) {
    const int y = 1 + static_cast<int>(rng.below(static_cast<uint32_t>(rows - 2)));
    std::memcpy(pixels + static_cast<size_t>(y) * columns, pixels + static_cast<size_t>(y - 1) * columns, columns);
  }
}

// Ripples in the 8 x 8 blocks that hold edges.
void add_blocks(uint8_t* pixels, int rows, int columns, float amount, Rng& rng) {
  for (int top = 0; top + 8 <= rows; top += 8) {
    for (int left = 0; left + 8 <= columns; left += 8) {
      uint8_t* block = pixels + static_cast<size_t>(top) * columns + left;
      uint8_t low = 255, high = 0;
      for (int v = 0; v < 8; v += 2) {
        for (int u = 0; u < 8; ++u) {
          low = std::min(low, block[static_cast<size_t>(v) * columns + u]);
          high = std::max(high, block[static_cast<size_t>(v) * columns + u]);
        }
      }
      if (high - low < 60) continue;
      const int8_t* ripple = tables().ripple[rng.below(16)];
      const int scale = static_cast<int>(amount * rng.uniform(-1, 1) * 255 / 100 * 256);
      for (int v = 0; v < 8; ++v) {
        uint8_t* row = block + static_cast<size_t>(v) * columns;
        for (int u = 0; u < 8; ++u) row[u] = clamp_byte(row[u] + ((ripple[v * 8 + u] * scale) >> 8));
      }
    }
  }
}

}  // namespace

void degrade(std::vector<uint8_t>& pixels, int rows, int columns, const Scan& scan, Rng& rng) {
  thread_local std::vector<uint8_t> line;
  uint8_t* data = pixels.data();
  for (int k = 0; k < scan.blurs; ++k) blur(data, rows, columns, line);
  if (scan.threshold > 0) to_one_bit(data, rows, columns, scan, rng);
  if (scan.faxRows > 0) repeat_rows(data, rows, columns, scan.faxRows, rng);
  if (scan.dropouts > 0) spots(data, rows, columns, scan.dropouts, 0, rng);
  if (scan.specks > 0) spots(data, rows, columns, scan.specks, 255, rng);
  if (scan.blocks > 0) add_blocks(data, rows, columns, scan.blocks, rng);
  if (scan.noise > 0) add_noise(data, rows, columns, scan.noise, rng);
  const size_t count = static_cast<size_t>(rows) * columns;
  const int range = scan.paper - scan.ink, paper = scan.paper;
  uint8_t* __restrict out = data;
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<uint8_t>(paper - ((out[i] * range + 127) >> 8));
}

}  // namespace isolens::drawing
