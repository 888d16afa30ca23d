// Operators by name, on the device. An operator without a twin there is named when a graph uses it.
#include "../../ops/list.h"
#include "../op.h"

namespace isolens::cuda {

#define ISOLENS_DECLARE(name, make) __attribute__((weak)) std::unique_ptr<DeviceOp> make##_cuda(AttributeReader& attributes);
ISOLENS_OPS(ISOLENS_DECLARE)
#undef ISOLENS_DECLARE

namespace {

struct Entry {
  const char* name;
  DeviceOpFactory make;
};

}  // namespace

DeviceOpFactory find_device_op(const std::string& name) {
#define ISOLENS_ENTRY(name, make) {name, make##_cuda},
  static const Entry kEntries[] = {ISOLENS_OPS(ISOLENS_ENTRY)};
#undef ISOLENS_ENTRY
  for (const Entry& entry : kEntries) {
    if (name == entry.name) return entry.make;
  }
  return nullptr;
}

}  // namespace isolens::cuda
