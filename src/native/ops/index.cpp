// Operators by name, on the processor.
#include "../core/op.h"
#include "list.h"

namespace isolens {

#define ISOLENS_DECLARE(name, make) std::unique_ptr<Op> make(AttributeReader& attributes);
ISOLENS_OPS(ISOLENS_DECLARE)
#undef ISOLENS_DECLARE

const std::vector<OpEntry>& all_ops() {
#define ISOLENS_ENTRY(name, make) {name, make},
  static const std::vector<OpEntry> kOps = {ISOLENS_OPS(ISOLENS_ENTRY)};
#undef ISOLENS_ENTRY
  return kOps;
}

const OpEntry* find_op(const std::string& name) {
  for (const OpEntry& entry : all_ops()) {
    if (name == entry.name) return &entry;
  }
  return nullptr;
}

}  // namespace isolens
