// Finds the device library beside the engine and opens a device through it; the only place that knows of both.
#pragma once
#include <memory>
#include <string>

#include "../../core/execution.h"

namespace isolens {

struct DeviceChoice {
  std::shared_ptr<Backend> backend;  // null: this processor
  std::string notice;                // "" or why it is this processor although another device was asked for
};

// "cpu"; "cuda": the first device, or this processor where there is none; "cuda:2": that one or an error; "emulated": CUDA
// sources run by this processor, for tests.
Expected<DeviceChoice> open_device(const std::string& name);

}  // namespace isolens
