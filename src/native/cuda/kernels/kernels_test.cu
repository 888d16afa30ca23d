// Compares every kernel with an f64 reference at random odd sizes: kernels-test [seed]. The seed is new for every run and
// printed, so that a failure can be had again. Runs on a GPU, or thread by thread in the emulation.
#include "kernels_test.h"

#include <cstdlib>

int main(int argc, char** argv) {
  using namespace isolens::cuda::test;
  const uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  int failures = 0;
#if defined(ISOLENS_CUDA_EMULATED)
  using isolens::emulation::Schedule;
  for (const Schedule schedule : {Schedule::kForward, Schedule::kReverse, Schedule::kShuffled}) {
    isolens::emulation::set_schedule(schedule);
#endif
    failures += check_gemm(random) + check_conv2d(random) + check_contrastive(random);
#if defined(ISOLENS_CUDA_EMULATED)
  }
#endif
  std::printf("%d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
