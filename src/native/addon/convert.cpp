#include "convert.h"

#include <cmath>

namespace isolens::addon {

std::string describe(const Napi::Value& value) {
  switch (value.Type()) {
    case napi_undefined: return "nothing";
    case napi_null: return "null";
    case napi_boolean: return value.As<Napi::Boolean>().Value() ? "true" : "false";
    case napi_number: return value.ToString().Utf8Value();
    case napi_string: return "\"" + value.As<Napi::String>().Utf8Value().substr(0, 60) + "\"";
    case napi_function: return "a function";
    case napi_object: break;
    default: return "another kind of value";
  }
  if (value.IsTypedArray()) {
    static const char* const kNames[] = {"Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array",
                                         "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"};
    const auto type = static_cast<size_t>(value.As<Napi::TypedArray>().TypedArrayType());
    return type < sizeof kNames / sizeof *kNames ? kNames[type] : "another typed array";
  }
  return value.IsArray() ? "an array" : "an object";
}

void Arguments::refuse(const char* name, const std::string& expected, const Napi::Value& received) {
  if (status_.is_ok()) status_ = invalid(std::string(function_) + ": expected " + expected + " for " + name + " but received " + describe(received) + ".");
}

std::string Arguments::text(const char* name) {
  const Napi::Value value = next();
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  refuse(name, "text", value);
  return "";
}

Json Arguments::json(const char* name) {
  const Napi::Value value = next();
  if (!value.IsString()) {
    refuse(name, "JSON text", value);
    return {};
  }
  Expected<Json> parsed = Json::parse(value.As<Napi::String>().Utf8Value());
  if (parsed && parsed->is_object()) return std::move(*parsed);
  if (status_.is_ok()) status_ = invalid(std::string(function_) + ": expected a JSON object for " + name + ". " + (parsed ? "" : parsed.status().message()));
  return {};
}

bool Arguments::flag(const char* name) {
  const Napi::Value value = next();
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  refuse(name, "true or false", value);
  return false;
}

double Arguments::number(const char* name, double low, double high) {
  const Napi::Value value = next();
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (number >= low && number <= high) return number;
  refuse(name, "a number from " + Json(low).dump() + " to " + Json(high).dump(), value);
  return low;
}

int64_t Arguments::integer(const char* name, int64_t low, int64_t high) {
  const Napi::Value value = next();
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (number >= static_cast<double>(low) && number <= static_cast<double>(high) && number == std::floor(number)) return static_cast<int64_t>(number);
  refuse(name, "a whole number from " + std::to_string(low) + " to " + std::to_string(high), value);
  return low;
}

std::vector<int64_t> Arguments::sizes(const char* name) {
  const Napi::Value value = next();
  std::vector<int64_t> sizes;
  bool fits = value.IsArray() && value.As<Napi::Array>().Length() <= 16;
  const Napi::Array array = fits ? value.As<Napi::Array>() : Napi::Array();
  for (uint32_t i = 0; fits && i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    const double size = item.IsNumber() ? item.As<Napi::Number>().DoubleValue() : -1;
    fits = size >= 0 && size < 1e12 && size == std::floor(size);
    sizes.push_back(static_cast<int64_t>(size));
  }
  if (!fits) refuse(name, "an array of sizes", value);
  return sizes;
}

Napi::Function Arguments::function(const char* name) {
  const Napi::Value value = next();
  if (value.IsFunction()) return value.As<Napi::Function>();
  refuse(name, "a function", value);
  return {};
}

Napi::TypedArray Arguments::typed_array(const char* name, napi_typedarray_type type) {
  const Napi::Value value = next();
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type) return value.As<Napi::TypedArray>();
  refuse(name, type == napi_float32_array ? "a Float32Array" : type == napi_int32_array ? "an Int32Array" : "a Uint8Array", value);
  return {};
}

}  // namespace isolens::addon
