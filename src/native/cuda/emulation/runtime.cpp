#include "runtime.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace {

constexpr size_t kPlainShared = size_t{48} << 10, kLargestShared = size_t{227} << 10;

std::mutex g_mutex;
std::map<void*, size_t> g_sizes;
std::map<const void*, int> g_shared_limits;
size_t g_used = 0, g_limit = size_t{8} << 30;
cudaError_t g_last = cudaSuccess;
bool g_sticky = false;
std::string g_report;

cudaError_t keep(cudaError_t error) {
  if (error != cudaSuccess && !g_sticky) g_last = error;
  return error;
}
cudaError_t state() { return g_sticky ? g_last : cudaSuccess; }

}  // namespace

struct isolens_emulated_stream {
  int unused;
};
struct isolens_emulated_event {
  std::chrono::steady_clock::time_point when;
};

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "no error";
    case cudaErrorInvalidValue: return "invalid argument";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInvalidConfiguration: return "invalid configuration argument";
    case cudaErrorInsufficientDriver: return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice: return "invalid device ordinal";
    case cudaErrorNotReady: return "device not ready";
    case cudaErrorLaunchFailure: return g_report.c_str();
    case cudaErrorNotSupported: return "operation not supported";
  }
  return "unknown error";
}
const char* cudaGetErrorName(cudaError_t error) { return error == cudaErrorLaunchFailure ? "cudaErrorLaunchFailure" : cudaGetErrorString(error); }

cudaError_t cudaGetLastError() {
  const cudaError_t error = g_last;
  if (!g_sticky) g_last = cudaSuccess;
  return error;
}
cudaError_t cudaPeekAtLastError() { return g_last; }
cudaError_t cudaGetDeviceCount(int* count) {
  *count = 3;
  return state();
}
cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device > 2) return keep(cudaErrorInvalidDevice);
  constexpr isolens::emulation::Schedule kSchedules[] = {isolens::emulation::Schedule::kForward, isolens::emulation::Schedule::kReverse, isolens::emulation::Schedule::kShuffled};
  isolens::emulation::set_schedule(kSchedules[device]);
  return state();
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device < 0 || device > 2) return keep(cudaErrorInvalidDevice);
  *properties = {};
  constexpr const char* kNames[] = {"emulated, threads in order", "emulated, threads in reverse", "emulated, threads shuffled"};
  std::strcpy(properties->name, kNames[device]);
  properties->totalGlobalMem = g_limit;
  properties->sharedMemPerBlockOptin = kLargestShared;
  properties->major = 9;
  properties->multiProcessorCount = 4;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) { return cudaDriverGetVersion(version); }
cudaError_t cudaDeviceSynchronize() { return state(); }
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *total = g_limit;
  *free = g_limit > g_used ? g_limit - g_used : 0;
  return state();
}

cudaError_t isolens_emulated_malloc(void** memory, size_t bytes) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  *memory = nullptr;
  if (bytes == 0) return state();
  if (bytes > g_limit || g_used > g_limit - bytes) return keep(cudaErrorMemoryAllocation);
  void* made = nullptr;
  if (posix_memalign(&made, 512, bytes) != 0) return keep(cudaErrorMemoryAllocation);
  std::memset(made, 0xff, bytes < (size_t{1} << 24) ? bytes : size_t{1} << 24);  // what was never written shows up as NaN
  g_sizes[made] = bytes;
  g_used += bytes;
  *memory = made;
  return state();
}
cudaError_t cudaFree(void* memory) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  if (memory == nullptr) return state();
  const auto found = g_sizes.find(memory);
  if (found == g_sizes.end()) return keep(cudaErrorInvalidValue);
  g_used -= found->second;
  g_sizes.erase(found);
  std::free(memory);
  return state();
}
cudaError_t cudaFreeHost(void* memory) { return cudaFree(memory); }

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind) {
  if (bytes > 0) std::memcpy(to, from, bytes);
  return state();
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t) { return cudaMemcpy(to, from, bytes, kind); }
cudaError_t cudaMemset(void* to, int value, size_t bytes) {
  if (bytes > 0) std::memset(to, value, bytes);
  return state();
}
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t) { return cudaMemset(to, value, bytes); }

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int) {
  *stream = new isolens_emulated_stream{0};
  return state();
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) { return state(); }
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned int) { return state(); }
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int) {
  *event = new isolens_emulated_event{};
  return state();
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  event->when = std::chrono::steady_clock::now();
  return state();
}
cudaError_t cudaEventQuery(cudaEvent_t) { return state(); }
cudaError_t cudaEventSynchronize(cudaEvent_t) { return state(); }
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t end) {
  *ms = std::chrono::duration<float, std::milli>(end->when - start->when).count();
  return state();
}

cudaError_t isolens_emulated_attribute(const void* kernel, cudaFuncAttribute, int value) {
  if (value < 0 || static_cast<size_t>(value) > kLargestShared) return keep(cudaErrorInvalidValue);
  g_shared_limits[kernel] = value;
  return state();
}

namespace isolens::emulation {

void launch(const char* name, const void* kernel, dim3 grid, dim3 block, size_t shared_bytes, const std::function<void()>& thread) {
  if (g_sticky) return;
  const auto found = g_shared_limits.find(kernel);
  const size_t limit = found == g_shared_limits.end() ? kPlainShared : std::max(kPlainShared, static_cast<size_t>(found->second));
  const bool fits = grid.x > 0 && grid.y > 0 && grid.z > 0 && grid.x <= 0x7fffffffu && grid.y <= 65535 && grid.z <= 65535 && block.x > 0 && block.y > 0 &&
                    block.z > 0 && block.x <= 1024 && block.y <= 1024 && block.z <= 64 && static_cast<uint64_t>(block.x) * block.y * block.z <= 1024;
  if (!fits || shared_bytes > limit) {
    keep(fits ? cudaErrorInvalidValue : cudaErrorInvalidConfiguration);
    return;
  }
  const std::string report = run_grid(name, grid, block, shared_bytes, thread);
  if (report.empty()) return;
  g_report = report;
  g_last = cudaErrorLaunchFailure;
  g_sticky = true;
  std::fprintf(stderr, "emulated launch failed: %s\n", report.c_str());
}

void set_memory_limit(size_t bytes) { g_limit = bytes; }
void clear_error() {
  g_sticky = false;
  g_last = cudaSuccess;
}
const std::string& last_report() { return g_report; }

}  // namespace isolens::emulation
