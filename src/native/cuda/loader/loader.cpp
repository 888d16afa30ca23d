#include "loader.h"

#include <dlfcn.h>

#include <algorithm>

#include "device_backend.h"

namespace isolens {

namespace {

Status unavailable(std::string message) { return Status(Code::kDeviceUnavailable, std::move(message)); }

// The folder of the file that this code is part of: build/.
std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) return "";
  const std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

Expected<const IsolensCudaApi*> load_library(const std::string& file) {
  const std::string path = own_folder() + file;
  // Never closed: what a driver starts does not end cleanly.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return unavailable("this build has no " + file + " (" + dlerror() + ")");
  const auto entry = reinterpret_cast<IsolensCudaEntry>(dlsym(library, "isolens_cuda_api"));
  const IsolensCudaApi* api = entry == nullptr ? nullptr : entry();
  if (api == nullptr || api->abi != ISOLENS_CUDA_ABI) return unavailable(path + " belongs to another build");
  return api;
}

}  // namespace

Expected<DeviceChoice> open_device(const std::string& name) {
  if (name == "cpu") return DeviceChoice{};
  const size_t colon = std::min(name.find(':'), name.size());
  const std::string kind = name.substr(0, colon), number = name.substr(std::min(colon + 1, name.size()));
  const bool emulated = kind == "emulated", numbered = colon < name.size();
  const bool number_valid = !numbered || (!number.empty() && number.size() < 4 && number.find_first_not_of("0123456789") == std::string::npos);
  if ((!emulated && kind != "cuda") || !number_valid) {
    return Status(Code::kArgumentInvalid, "Expected cpu, cuda or cuda:N (the number of a device) for the device but received \"" + name + "\".");
  }
  const Expected<const IsolensCudaApi*> api = load_library(emulated ? "libisolens_emulated.so" : "libisolens_cuda.so");
  Expected<std::shared_ptr<Backend>> backend = api ? open_backend(**api, numbered ? std::stoi(number) : 0) : Expected<std::shared_ptr<Backend>>(api.status());
  if (backend) return DeviceChoice{*backend, ""};
  if (name != "cuda" || backend.status().code() != Code::kDeviceUnavailable) {
    if (backend.status().code() != Code::kDeviceUnavailable || backend.status().message().rfind("Expected", 0) == 0) return backend.status();
    return unavailable("Expected device " + name + " but " + backend.status().message() + ". Use --device cpu.");
  }
  return DeviceChoice{nullptr, std::string(code_name(Code::kDeviceUnavailable)) + ": no CUDA device can be used, because " + backend.status().message() + "; going on with the CPU."};
}

}  // namespace isolens
