#include "machine.h"

#include <algorithm>
#include <cstring>

namespace isolens::cuda {

namespace {

std::string mebibytes(size_t bytes) { return std::to_string((bytes + (size_t{1} << 20) - 1) >> 20) + " MiB"; }

std::string device_names(int count) {
  std::string names;
  for (int i = 0; i < count; i++) {
    cudaDeviceProp properties;
    if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) continue;
    names += (names.empty() ? "cuda:" : ", cuda:") + std::to_string(i) + " (" + properties.name + ")";
  }
  return names;
}

}  // namespace

IsolensCudaStatus problem(int32_t code, const std::string& message) {
  IsolensCudaStatus status;
  status.code = code;
  std::strncpy(status.message, message.c_str(), sizeof status.message - 1);
  status.message[sizeof status.message - 1] = 0;
  return status;
}
IsolensCudaStatus ok() { return problem(ISOLENS_CUDA_OK, ""); }

IsolensCudaStatus translate(cudaError_t error, const std::string& doing) {
  if (error == cudaSuccess) return ok();
  (void)cudaGetLastError();  // errors that do not stick end here
  const int32_t code = error == cudaErrorMemoryAllocation ? ISOLENS_CUDA_OUT_OF_MEMORY : ISOLENS_CUDA_FAILED;
  return problem(code, doing + ": the device reported \"" + cudaGetErrorString(error) + "\" (" + std::to_string(static_cast<int>(error)) + ").");
}

IsolensCudaStatus Machine::open(int index) {
  int count = 0;
  const cudaError_t counted = cudaGetDeviceCount(&count);
  if (counted != cudaSuccess || count == 0) {
    (void)cudaGetLastError();
    int driver = 0, runtime = 0;
    (void)cudaDriverGetVersion(&driver);
    (void)cudaRuntimeGetVersion(&runtime);
    std::string reason = counted == cudaSuccess ? "there is no CUDA device" : cudaGetErrorString(counted);
    if (driver > 0 && driver < runtime) reason += "; the driver supports CUDA " + std::to_string(driver / 1000) + "." + std::to_string(driver % 1000 / 10) + ", needed is " + std::to_string(runtime / 1000) + "." + std::to_string(runtime % 1000 / 10);
    return problem(ISOLENS_CUDA_UNAVAILABLE, reason);
  }
  if (index < 0 || index >= count) {
    return problem(ISOLENS_CUDA_NO_SUCH_DEVICE, "Expected a device that exists but received cuda:" + std::to_string(index) + ". This machine has " + device_names(count) + ".");
  }
  index_ = index;
  cudaDeviceProp properties;
  cudaError_t error = cudaGetDeviceProperties(&properties, index);
  if (error == cudaSuccess && properties.major < 8) {
    return problem(ISOLENS_CUDA_UNAVAILABLE, std::string("cuda:") + std::to_string(index) + " (" + properties.name + ") is older than compute capability 8.0");
  }
  if (error == cudaSuccess) error = select();
  if (error == cudaSuccess) error = cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking);
  if (error == cudaSuccess) error = cudaStreamCreateWithFlags(&upload_, cudaStreamNonBlocking);
  if (error != cudaSuccess) return translate(error, "Device cuda:" + std::to_string(index));
  processors_ = properties.multiProcessorCount;
  description_ = std::string(properties.name) + ", " + mebibytes(properties.totalGlobalMem) + ", compute capability " + std::to_string(properties.major) + "." + std::to_string(properties.minor);
  return ok();
}

Machine::~Machine() {
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
  if (upload_ != nullptr) cudaStreamDestroy(upload_);
}

IsolensCudaStatus Machine::allocate(size_t bytes, const std::string& what, void** place) {
  *place = nullptr;
  const size_t rounded = (std::max<size_t>(bytes, 1) + 255) / 256 * 256;
  const cudaError_t error = cudaMalloc(place, rounded);
  if (error == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    size_t free = 0, total = 0;
    (void)cudaMemGetInfo(&free, &total);
    *place = nullptr;
    return problem(ISOLENS_CUDA_OUT_OF_MEMORY, "expected " + mebibytes(rounded) + " of device memory for " + what + " but " + mebibytes(free) + " of " +
                                                   mebibytes(total) + " are free. Lower the batch size, or end what else uses the device.");
  }
  if (error != cudaSuccess) return translate(error, "Memory for " + what);
  const std::lock_guard<std::mutex> lock(mutex_);
  sizes_[*place] = rounded;
  used_ += rounded;
  peak_ = std::max(peak_, used_);
  return ok();
}

void Machine::release(void* place) {
  if (place == nullptr) return;
  (void)cudaFree(place);
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = sizes_.find(place);
  if (found == sizes_.end()) return;
  used_ -= found->second;
  sizes_.erase(found);
}

void Machine::memory(uint64_t* now, uint64_t* peak) {
  const std::lock_guard<std::mutex> lock(mutex_);
  *now = used_;
  *peak = peak_;
  peak_ = used_;
}

}  // namespace isolens::cuda
