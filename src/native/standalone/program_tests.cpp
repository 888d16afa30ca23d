#include "checks.h"
#include "op_tests.h"

namespace isolens {

int run_program_tests(const std::shared_ptr<Backend>& backend) {
  Checks checks;
  if (backend == nullptr) {
    check_json(&checks);
    check_refusals(&checks);
  } else {
    check_device(&checks, backend);
  }
  check_memory_plan(&checks, backend);
  check_rules(&checks, backend);
  check_training(&checks, backend);
  std::printf("%d checks of the program, %d failures\n", checks.count(), checks.failures());
  return checks.failures();
}

}  // namespace isolens
