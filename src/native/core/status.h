// Errors are values: nothing in the engine throws across its surface, exits or aborts on bad input.
#pragma once
#include <optional>
#include <string>
#include <utility>

namespace isolens {

// Codes are those of src/core/errors.ts; the addon turns a Status into a JavaScript error with the same code.
enum class Code {
  kOk, kArgumentInvalid, kGraphInvalid, kNativeFailed, kDatasetInvalid, kCheckpointInvalid, kTrainingDiverged, kDiskFull, kCancelled,
  kDeviceUnavailable, kDeviceOutOfMemory, kDeviceFailed
};

inline const char* code_name(Code code) {
  switch (code) {
    case Code::kOk: return "OK";
    case Code::kArgumentInvalid: return "ARGUMENT_INVALID";
    case Code::kGraphInvalid: return "GRAPH_INVALID";
    case Code::kNativeFailed: return "NATIVE_FAILED";
    case Code::kDatasetInvalid: return "DATASET_INVALID";
    case Code::kCheckpointInvalid: return "CHECKPOINT_INVALID";
    case Code::kTrainingDiverged: return "TRAINING_DIVERGED";
    case Code::kDiskFull: return "DISK_FULL";
    case Code::kCancelled: return "CANCELLED";
    case Code::kDeviceUnavailable: return "DEVICE_UNAVAILABLE";
    case Code::kDeviceOutOfMemory: return "DEVICE_OUT_OF_MEMORY";
    case Code::kDeviceFailed: return "DEVICE_FAILED";
  }
  return "NATIVE_FAILED";
}

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  static Status ok() { return {}; }
  bool is_ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

// A value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : value_(std::move(value)) {}
  Expected(Status status) : status_(std::move(status)) {}
  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  const Status& status() const { return status_; }

 private:
  std::optional<T> value_;
  Status status_;
};

#define ISOLENS_TRY(expression)                                   \
  do {                                                            \
    ::isolens::Status isolens_status_ = (expression);             \
    if (!isolens_status_.is_ok()) return isolens_status_;         \
  } while (0)

}  // namespace isolens
