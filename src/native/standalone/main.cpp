// The engine without Node.js: operator tests, measurements, training and embedding from a JSON file.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "../cuda/loader/loader.h"
#include "../kernels/kernels.h"
#include "../train/run_config.h"
#include "../train/trainer.h"
#if __has_include("op_tests.h")
#include "op_tests.h"
#define ISOLENS_HAS_OP_TESTS 1
#endif

namespace {

using isolens::Code;
using isolens::Expected;
using isolens::Json;
using isolens::Status;

std::atomic<bool> g_cancelled{false};  // set by the signal handler

constexpr const char* kUsage =
    "Usage: isolens-train COMMAND\n"
    "  train CONFIG.json    train; one JSON event a line on standard output; Ctrl-C writes a checkpoint and ends\n"
    "  embed CONFIG.json    write a value of the graph for every row as float32\n"
    "  test-ops [WORDS]     check every operator against finite differences, and the program; \"program\": that alone;\n"
    "                       --memory: without the differences, for a build with sanitizers\n"
    "  bench-ops [WORDS]    time every operator\n"
    "  bench-step GRAPH     time training steps of a graph: [--batch N] [--steps N] [--f32]\n"
    "  info                 what this build can do\n"
    "--device cpu|cuda|cuda:N|emulated chooses where train, embed, test-ops, bench-ops and bench-step run (default: cpu)\n";

int fail(const Status& status) {
  std::fprintf(stderr, "%s: %s\n", code_name(status.code()), status.message().c_str());
  return status.code() == Code::kCancelled ? 130 : status.code() == Code::kArgumentInvalid ? 2 : 1;
}

Expected<Json> read_json(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return Status(Code::kArgumentInvalid, "Expected a configuration at " + path + " but it cannot be read.");
  return Json::parse(text.str());
}

int run(const char* path, const std::string& device, Expected<Json> (*work)(const Json&, const isolens::TrainHooks&)) {
  Expected<Json> config = read_json(path);
  if (!config) return fail(config.status());
  if (!device.empty() && config->is_object()) config->set("device", device);
  std::signal(SIGINT, [](int) { g_cancelled = true; });
  std::signal(SIGTERM, [](int) { g_cancelled = true; });
  std::signal(SIGXFSZ, SIG_IGN);  // a full quota is an error of write(), not an end
  isolens::TrainHooks hooks;
  hooks.cancelled = &g_cancelled;
  hooks.event = [](const Json& event) {
    std::printf("%s\n", event.dump().c_str());
    std::fflush(stdout);
  };
  Expected<Json> result = work(*config, hooks);
  if (!result) return fail(result.status());
  if (work == isolens::run_embedding) std::printf("%s\n", result->dump().c_str());
  return 0;
}

int print_info() {
  Json info = Json::object();
  info.set("hasBf16", isolens::has_bf16()).set("threads", isolens::resolve_threads(0));
  std::printf("%s\n", info.dump().c_str());
  return 0;
}

// Takes "--device NAME" out of the arguments.
Expected<isolens::DeviceChoice> take_device(std::vector<std::string>& arguments) {
  for (size_t i = 0; i + 1 < arguments.size(); i++) {
    if (arguments[i] != "--device") continue;
    const std::string name = arguments[i + 1];
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    Expected<isolens::DeviceChoice> device = isolens::open_device(name);
    if (device && !device->notice.empty()) std::fprintf(stderr, "%s\n", device->notice.c_str());
    return device;
  }
  return isolens::DeviceChoice{};
}

int test_ops(std::vector<std::string> arguments, const std::string& command) {
#ifdef ISOLENS_HAS_OP_TESTS
  const Expected<isolens::DeviceChoice> device = take_device(arguments);
  if (!device) return fail(device.status());
  if (command == "bench-step") return isolens::run_step_benchmark(arguments, device->backend);
  return command == "bench-ops" ? isolens::run_op_benchmarks(arguments, device->backend) : isolens::run_op_tests(arguments, device->backend);
#else
  (void)arguments;
  (void)command;
  std::fprintf(stderr, "This build has no operator tests.\n");
  return 2;
#endif
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + std::min(count, 2), values + count);
  const std::string command = count > 1 ? values[1] : "";
  const bool with_device = arguments.size() == 3 && arguments[1] == "--device";
  const std::string device = with_device ? arguments[2] : "";
  if (command == "train" && (arguments.size() == 1 || with_device)) return run(arguments[0].c_str(), device, isolens::run_training);
  if (command == "embed" && (arguments.size() == 1 || with_device)) return run(arguments[0].c_str(), device, isolens::run_embedding);
  if (command == "test-ops" || command == "bench-ops" || command == "bench-step") return test_ops(arguments, command);
  if (command == "info" && arguments.empty()) return print_info();
  std::fputs(kUsage, stderr);
  return 2;
}
