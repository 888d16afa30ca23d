// A device with its stream and memory, and errors of CUDA as values of the interface.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

#include "../interface.h"
#include "../op.h"

namespace isolens::cuda {

IsolensCudaStatus ok();
IsolensCudaStatus problem(int32_t code, const std::string& message);
// `doing`: what the call was for, as in "Node y (Add)".
IsolensCudaStatus translate(cudaError_t error, const std::string& doing);

class Machine {
 public:
  IsolensCudaStatus open(int index);
  ~Machine();

  const std::string& description() const { return description_; }
  cudaStream_t stream() const { return stream_; }
  cudaStream_t upload_stream() const { return upload_; }
  int processors() const { return processors_; }
  // Of the device to use by this thread.
  cudaError_t select() const { return cudaSetDevice(index_); }

  // what: named when there is not that much, with what to lower.
  IsolensCudaStatus allocate(size_t bytes, const std::string& what, void** place);
  void release(void* place);
  void memory(uint64_t* now, uint64_t* peak);

 private:
  int index_ = 0, processors_ = 1;
  std::string description_;
  cudaStream_t stream_ = nullptr, upload_ = nullptr;
  std::mutex mutex_;
  std::unordered_map<void*, size_t> sizes_;
  uint64_t used_ = 0, peak_ = 0;
};

}  // namespace isolens::cuda
