// What the tests of the kernels share: device arrays, random numbers that are new for every case, and comparison with f64.
#pragma once
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "kernels.h"

namespace isolens::cuda::test {

// Prints what failed; returns how many did.
int check_gemm(std::mt19937_64& random);
int check_conv2d(std::mt19937_64& random);
int check_contrastive(std::mt19937_64& random);

template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count) : count_(count) { (void)cudaMalloc(&data_, (count == 0 ? 1 : count) * sizeof(T)); }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    (void)cudaMemcpy(data_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice);
  }
  ~DeviceArray() { (void)cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  T* data() const { return data_; }
  std::vector<T> values() const {
    std::vector<T> host(count_);
    (void)cudaMemcpy(host.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost);
    return host;
  }

 private:
  T* data_ = nullptr;
  size_t count_;
};

inline std::vector<float> random_values(std::mt19937_64& random, size_t count, float deviation = 1) {
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}
inline int64_t between(std::mt19937_64& random, int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }

// Largest difference over the root mean square of what is wanted, or over the element where that is larger.
inline double relative_error(const std::vector<double>& wanted, const std::vector<float>& received) {
  if (wanted.size() != received.size()) return INFINITY;
  double squares = 0, worst = 0;
  for (double value : wanted) squares += value * value;
  const double typical = std::sqrt(squares / static_cast<double>(std::max<size_t>(1, wanted.size()))) + 1e-30;
  for (size_t i = 0; i < wanted.size(); i++) {
    const double error = std::fabs(wanted[i] - static_cast<double>(received[i])) / std::max(typical, std::fabs(wanted[i]));
    if (!(error <= worst)) worst = error;
    if (std::isnan(error)) return INFINITY;
  }
  return worst;
}

// Products are compared with those of the operands as the kernel sees them, so that rounding to bf16 hides nothing: what is
// left are sums in f32, whatever the precision.
constexpr double kSumTolerance = 1e-5;

inline std::vector<__nv_bfloat16> in_halves(const std::vector<float>& values) {
  std::vector<__nv_bfloat16> result;
  for (float value : values) result.push_back(__float2bfloat16(value));
  return result;
}
inline std::vector<float> as_seen(Precision precision, std::vector<float> values) {
  for (float& value : values) value = precision == Precision::kBf16 ? __bfloat162float(__float2bfloat16(value)) : value;
  return values;
}
inline const char* name_of(Precision precision) { return precision == Precision::kF32 ? "f32" : "bf16"; }

// One line a case; 1 where it failed.
inline int report(const std::string& name, double error, double bound) {
  const cudaError_t status = cudaDeviceSynchronize();
  const bool good = error <= bound && status == cudaSuccess;
  std::printf("%-4s %-92s %.1e%s%s\n", good ? "ok" : "FAIL", name.c_str(), error, status == cudaSuccess ? "" : "  ", status == cudaSuccess ? "" : cudaGetErrorString(status));
  return good ? 0 : 1;
}

}  // namespace isolens::cuda::test
