// A device library as a Backend of the engine.
#pragma once
#include "../../core/execution.h"
#include "../interface.h"

namespace isolens {

Expected<std::shared_ptr<Backend>> open_backend(const IsolensCudaApi& api, int index);

// Not found, refused, out of memory or failed: the engine's codes.
Status to_status(const IsolensCudaStatus& status);

// Keeps the library's device open for as long as anything on it lives.
struct DeviceHandle {
  const IsolensCudaApi& api;
  IsolensCudaDevice* device = nullptr;
  explicit DeviceHandle(const IsolensCudaApi& table) : api(table) {}
  ~DeviceHandle() {
    if (device != nullptr) api.close(device);
  }
  DeviceHandle(const DeviceHandle&) = delete;
  DeviceHandle& operator=(const DeviceHandle&) = delete;
};

std::unique_ptr<Execution> make_device_execution(std::shared_ptr<DeviceHandle> handle, const ProgramOptions& options);

// The store's numbers on a device: one for all programs that share the store.
class DeviceMirror final : public ParameterMirror {
 public:
  DeviceMirror(std::shared_ptr<DeviceHandle> handle, ParameterStore& store) : handle_(std::move(handle)), store_(store) {}
  ~DeviceMirror() override { close(); }

  // Opens it, or again where the store has grown; sends what the host has changed.
  Status open();
  Status download() override;
  void changed() override { host_is_newer_ = true; }
  Status zero_grad() override;
  Status step(const AdamWOptions& options, int64_t step) override;
  Status apply(const Rule& rule) override;
  // `from` is memory of the device.
  Status take(size_t parameter, int64_t offset, const float* from, int64_t count);
  Status scatter(size_t parameter, const int32_t* rows, const float* from, int64_t count);
  Expected<StepNumbers> take() override;

  float* place(int kind, size_t parameter) const { return handle_->api.mirror_place(mirror_, kind, parameter); }
  IsolensCudaMirror* handle() const { return mirror_; }
  const DeviceHandle& device() const { return *handle_; }
  // Changes whenever places do.
  uint64_t generation() const { return generation_; }
  void device_writes() { device_is_newer_ = true; }
  void expect_scalars(size_t count) { scalars_ = count; }

 private:
  void close();
  Status upload();

  const std::shared_ptr<DeviceHandle> handle_;
  ParameterStore& store_;
  IsolensCudaMirror* mirror_ = nullptr;
  size_t parameters_ = 0, scalars_ = 0;
  uint64_t generation_ = 0;
  bool host_is_newer_ = true, device_is_newer_ = false;
};

}  // namespace isolens
