#include "checks.h"
#include "op_tests.h"

namespace isolens {

int run_program_tests() {
  Checks checks;
  check_json(&checks);
  check_refusals(&checks);
  check_memory_plan(&checks);
  check_training(&checks);
  std::printf("%d checks of the program, %d failures\n", checks.count(), checks.failures());
  return checks.failures();
}

}  // namespace isolens
