#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "json.h"
#include "safetensors.h"

namespace isolens {
namespace {

size_t padded(size_t bytes) { return (bytes + 7) / 8 * 8; }

Status refuse(const std::string& path, const char* action, int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  std::string message = std::string("Expected to ") + action + " " + path + ", but: " + std::strerror(error) + ".";
  message += full ? " Free some space and resume; what was stored before is intact."
                  : " Check that the folder exists and can be written.";
  return {full ? Code::kDiskFull : Code::kNativeFailed, message};
}

// A file under its temporary name; removed unless commit() renamed it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path) : path_(path), temporary_(path + ".tmp") {
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  }
  ~TemporaryFile() {
    if (file_ >= 0) ::close(file_);
    if (!committed_) ::unlink(temporary_.c_str());
  }

  Status opened() const { return file_ >= 0 ? Status::ok() : refuse(temporary_, "write", errno); }

  Status write(const void* data, size_t bytes) {
    const char* from = static_cast<const char*>(data);
    while (bytes > 0) {
      const ssize_t done = ::write(file_, from, bytes < (1u << 30) ? bytes : (1u << 30));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return refuse(temporary_, "write", errno);
      from += done;
      bytes -= static_cast<size_t>(done);
    }
    return Status::ok();
  }

  Status commit() {
    if (::fsync(file_) != 0) return refuse(temporary_, "write", errno);
    const int closed = ::close(file_);
    file_ = -1;
    if (closed != 0) return refuse(temporary_, "write", errno);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return refuse(path_, "replace", errno);
    committed_ = true;
    sync_folder();
    return Status::ok();
  }

 private:
  // Best effort: without it the rename itself may be lost in a power cut, never the content.
  void sync_folder() const {
    const size_t slash = path_.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path_.substr(0, slash);
    const int handle = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
    if (handle < 0) return;
    (void)::fsync(handle);
    ::close(handle);
  }

  std::string path_, temporary_;
  int file_ = -1;
  bool committed_ = false;
};

std::string header_of(const std::vector<TensorToStore>& tensors, const std::map<std::string, std::string>& metadata) {
  Json notes = Json::object();
  for (const auto& [key, value] : metadata) notes.set(key, value);
  std::vector<Json::Member> members;
  members.emplace_back("__metadata__", std::move(notes));
  size_t offset = 0;
  for (const TensorToStore& tensor : tensors) {
    Json shape = Json::array();
    size_t bytes = element_bytes(tensor.element);
    for (const int64_t size : tensor.shape) {
      shape.push(size);
      bytes *= static_cast<size_t>(size);
    }
    Json entry = Json::object();
    entry.set("dtype", element_name(tensor.element));
    entry.set("shape", std::move(shape));
    entry.set("data_offsets", Json::array({Json(static_cast<uint64_t>(offset)), Json(static_cast<uint64_t>(offset + bytes))}));
    members.emplace_back(tensor.name, std::move(entry));
    offset += padded(bytes);
  }
  std::string header = Json::object(std::move(members)).dump();
  header.resize(padded(header.size()), ' ');
  return header;
}

}  // namespace

Status write_safetensors(const std::string& path, const std::vector<TensorToStore>& tensors,
                         const std::map<std::string, std::string>& metadata) {
  const std::string header = header_of(tensors, metadata);
  unsigned char length[8];
  for (int i = 0; i < 8; i++) length[i] = static_cast<unsigned char>(static_cast<uint64_t>(header.size()) >> (8 * i));
  TemporaryFile file(path);
  ISOLENS_TRY(file.opened());
  ISOLENS_TRY(file.write(length, sizeof length));
  ISOLENS_TRY(file.write(header.data(), header.size()));
  const char zeros[8] = {};
  for (const TensorToStore& tensor : tensors) {
    size_t bytes = element_bytes(tensor.element);
    for (const int64_t d : tensor.shape) bytes *= static_cast<size_t>(d);
    ISOLENS_TRY(file.write(tensor.data, bytes));
    ISOLENS_TRY(file.write(zeros, padded(bytes) - bytes));
  }
  return file.commit();
}

Status write_file_atomically(const std::string& path, const void* data, size_t bytes) {
  TemporaryFile file(path);
  ISOLENS_TRY(file.opened());
  ISOLENS_TRY(file.write(data, bytes));
  return file.commit();
}

}  // namespace isolens
