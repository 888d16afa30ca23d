// Between JavaScript values and the engine's: checks of arguments, errors with codes. Nothing here decides anything.
#pragma once
#include <napi.h>

#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "../core/json.h"
#include "../core/status.h"

namespace isolens::addon {

// Leaves a pending JavaScript error with the status's code; returns undefined for `return raise(...)`.
inline Napi::Value raise(Napi::Env env, const Status& status) {
  Napi::Error error = Napi::Error::New(env, status.message());
  error.Set("code", Napi::String::New(env, code_name(status.code())));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

inline Status invalid(const std::string& message) { return {Code::kArgumentInvalid, message}; }

// What a value is, for messages.
std::string describe(const Napi::Value& value);

// Reads the arguments of one call in order; the first refusal is kept.
class Arguments {
 public:
  // first: place of the first argument that is read here.
  Arguments(const Napi::CallbackInfo& info, const char* function, size_t first = 0) : info_(info), function_(function), at_(first) {}

  std::string text(const char* name);
  Json json(const char* name);  // JSON text of an object
  bool flag(const char* name);
  double number(const char* name, double low, double high);
  int64_t integer(const char* name, int64_t low, int64_t high);
  std::vector<int64_t> sizes(const char* name);  // array of whole numbers >= 0
  Napi::Function function(const char* name);
  // A typed array of the given kind; its memory belongs to JavaScript.
  Napi::TypedArray typed_array(const char* name, napi_typedarray_type type);
  const Status& status() const { return status_; }

 private:
  Napi::Value next() { return at_ < info_.Length() ? info_[at_++] : info_.Env().Undefined(); }
  void refuse(const char* name, const std::string& expected, const Napi::Value& received);

  const Napi::CallbackInfo& info_;
  const char* function_;
  size_t at_;
  Status status_;
};

// Runs work(); an exception of the C++ library (no memory) becomes a Status, so none crosses into Node.js.
template <typename Work>
Status guarded(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return {Code::kNativeFailed, "Expected more memory but there is none left. Use a smaller batch."};
  } catch (const std::exception& error) {
    return {Code::kNativeFailed, std::string("The engine failed: ") + error.what()};
  }
}

}  // namespace isolens::addon
