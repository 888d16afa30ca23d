#include "files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "convert.h"

namespace isolens::addon {
namespace {

// The mapping outlives the descriptor, and the file's name: a file that is removed stays readable. One that is cut short does not, so only
// files that nobody writes to may be mapped.
Status map(const std::string& path, size_t bytes, void** memory) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {Code::kNativeFailed, "Expected a file at " + path + " but " + std::strerror(errno) + "."};
  struct stat found = {};
  const bool is_known = ::fstat(file, &found) == 0;
  const bool fits = is_known && static_cast<size_t>(found.st_size) == bytes;
  void* const mapped = fits ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file, 0) : MAP_FAILED;
  const int why = errno;
  ::close(file);
  if (is_known && !fits) return {Code::kNativeFailed, "Expected " + std::to_string(bytes) + " bytes at " + path + " but found " + std::to_string(found.st_size) + "."};
  if (mapped == MAP_FAILED) return {Code::kNativeFailed, "Expected to map " + path + " but " + std::strerror(why) + "."};
  *memory = mapped;
  return Status::ok();
}

}  // namespace

Napi::Value map_file(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Arguments arguments(info, "mapFile");
  const std::string path = arguments.text("path");
  const int64_t bytes = arguments.integer("bytes", 0, int64_t{1} << 46);
  if (!arguments.status().is_ok()) return raise(env, arguments.status());
  // Nothing can be mapped of nothing.
  if (bytes == 0) return Napi::ArrayBuffer::New(env, 0);
  void* memory = nullptr;
  const Status status = map(path, static_cast<size_t>(bytes), &memory);
  if (!status.is_ok()) return raise(env, status);
  const auto length = static_cast<size_t>(bytes);
  return Napi::ArrayBuffer::New(env, memory, length, [length](Napi::Env, void* mapped) { ::munmap(mapped, length); });
}

}  // namespace isolens::addon
