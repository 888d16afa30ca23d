// Counter-seeded generator: every (seed, stream) pair gives its own sequence, so work split over threads stays
// deterministic however it is split. xoshiro128++ seeded by splitmix64.
#pragma once
#include <cmath>
#include <cstdint>

namespace isolens {

class Rng {
 public:
  explicit Rng(uint64_t seed, uint64_t stream = 0) {
    uint64_t mix = seed * 0x9e3779b97f4a7c15ull + stream * 0xd1342543de82ef95ull + 0x632be59bd9b4e019ull;
    for (uint32_t& word : state_) {
      mix += 0x9e3779b97f4a7c15ull;
      uint64_t z = mix;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
      word = static_cast<uint32_t>(z ^ (z >> 31));
    }
  }
  // Four words.
  const uint32_t* state() const { return state_; }
  uint32_t next() {
    const uint32_t result = rotl(state_[0] + state_[3], 7) + state_[0];
    const uint32_t t = state_[1] << 9;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 11);
    return result;
  }
  // Uniform in [0, 1).
  float uniform() { return static_cast<float>(next() >> 8) * (1.0f / 16777216.0f); }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  // Uniform integer in [0, n); n > 0.
  uint32_t below(uint32_t n) { return static_cast<uint32_t>((static_cast<uint64_t>(next()) * n) >> 32); }
  bool chance(float probability) { return uniform() < probability; }
  float normal() {
    // One after the other: within one expression the compiler chooses which comes first, and seeds must mean the same everywhere.
    const float radius = uniform();
    const float angle = uniform();
    return std::sqrt(-2.0f * std::log(1.0f - radius)) * std::cos(6.28318530718f * angle);
  }

 private:
  static uint32_t rotl(uint32_t x, int k) { return (x << k) | (x >> (32 - k)); }
  uint32_t state_[4];
};

}  // namespace isolens
