#include "op.h"

#include <algorithm>

namespace isolens {

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  return count;
}

int64_t TensorSpec::count() const { return element_count(shape); }

std::string describe(const Shape& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); i++) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

std::string describe(const TensorSpec& spec) {
  if (!spec.present) return "none";
  return (spec.dtype == DType::kF32 ? "f32" : "i32") + describe(spec.shape);
}

int64_t resolve_axis(int64_t axis, int64_t rank) {
  const int64_t resolved = axis < 0 ? axis + rank : axis;
  return resolved >= 0 && resolved < rank ? resolved : -1;
}

bool broadcast_shapes(const Shape& a, const Shape& b, Shape* out) {
  const size_t rank = std::max(a.size(), b.size());
  out->assign(rank, 1);
  for (size_t i = 0; i < rank; i++) {
    const int64_t left = i + a.size() < rank ? 1 : a[i + a.size() - rank];
    const int64_t right = i + b.size() < rank ? 1 : b[i + b.size() - rank];
    if (left != right && left != 1 && right != 1) return false;
    (*out)[i] = left == 1 ? right : left;
  }
  return true;
}

const Json* AttributeReader::read(const char* name) {
  seen_.emplace_back(name);
  return attributes_.find(name);
}

void AttributeReader::refuse(const char* name, const std::string& expected) {
  if (!refusal_.empty()) return;
  const Json* value = attributes_.find(name);
  std::string received = value == nullptr ? "none" : value->dump();
  if (received.size() > 80) received = received.substr(0, 77) + "...";
  refusal_ = "expected attribute " + std::string(name) + " to be " + expected + " but received " + received;
}

int64_t AttributeReader::integer(const char* name, int64_t fallback, int64_t low, int64_t high) {
  const Json* value = read(name);
  if (value == nullptr) return fallback;
  if (!value->is_integer() || value->as_integer() < low || value->as_integer() > high) {
    refuse(name, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return fallback;
  }
  return value->as_integer();
}

double AttributeReader::number(const char* name, double fallback) {
  const Json* value = read(name);
  if (value == nullptr) return fallback;
  if (!value->is_number()) refuse(name, "a number");
  return value->as_number(fallback);
}

double AttributeReader::required_number(const char* name) {
  if (attributes_.find(name) == nullptr) refuse(name, "a number");
  return number(name, 0);
}

std::string AttributeReader::word(const char* name, const char* fallback) {
  const Json* value = read(name);
  if (value == nullptr) return fallback;
  if (!value->is_string()) refuse(name, "a word");
  return value->as_string();
}

Shape AttributeReader::integers(const char* name, Shape fallback, int64_t low, int64_t high) {
  const Json* value = read(name);
  if (value == nullptr) return fallback;
  Shape numbers;
  bool valid = value->is_array() && value->size() <= 32;
  for (const Json& item : value->items()) {
    valid = valid && item.is_integer() && item.as_integer() >= low && item.as_integer() <= high;
    if (!valid) break;
    numbers.push_back(item.as_integer());
  }
  if (valid) return numbers;
  refuse(name, "whole numbers from " + std::to_string(low) + " to " + std::to_string(high));
  return fallback;
}

std::string AttributeReader::finish() {
  if (!refusal_.empty()) return refusal_;
  for (const Json::Member& member : attributes_.members()) {
    if (std::find(seen_.begin(), seen_.end(), member.first) == seen_.end()) {
      return "expected attributes of this operator but received " + member.first;
    }
  }
  return "";
}

}  // namespace isolens
