// JSON values: graphs, configurations, file headers and progress events. The parser takes text of unknown origin: depth, size
// and duplicate keys are bounded or refused, and nothing throws.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "status.h"

namespace isolens {

class Json {
 public:
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : kind_(Kind::kBool), bool_(value) {}
  Json(double value) : kind_(Kind::kNumber), number_(value) {}
  Json(float value) : Json(static_cast<double>(value)) {}
  Json(int value) : Json(static_cast<double>(value)) {}
  Json(int64_t value) : Json(static_cast<double>(value)) {}
  Json(uint64_t value) : Json(static_cast<double>(value)) {}
  Json(std::string value) : kind_(Kind::kString), string_(std::move(value)) {}
  Json(const char* value) : Json(std::string(value)) {}
  static Json array(std::vector<Json> items = {});
  static Json object(std::vector<Member> members = {});

  // The whole text must be one value. maximum_depth bounds nesting of arrays and objects.
  static Expected<Json> parse(std::string_view text, int maximum_depth = 64);
  // Compact text; numbers in their shortest exact form, NaN and infinities as null.
  std::string dump() const;

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }
  // A number without fraction that an int64 holds exactly.
  bool is_integer() const;

  // Of another kind: the fallback.
  bool as_bool(bool fallback = false) const { return is_bool() ? bool_ : fallback; }
  double as_number(double fallback = 0) const { return is_number() ? number_ : fallback; }
  int64_t as_integer(int64_t fallback = 0) const { return is_integer() ? static_cast<int64_t>(number_) : fallback; }
  const std::string& as_string() const { return string_; }  // "" where not a string
  const std::vector<Json>& items() const { return items_; }       // empty where not an array
  const std::vector<Member>& members() const { return members_; }  // empty where not an object
  size_t size() const { return is_object() ? members_.size() : items_.size(); }

  // nullptr where this is no object or lacks the key.
  const Json* find(std::string_view key) const;
  // A null value where find() gives nullptr, so that reads chain.
  const Json& operator[](std::string_view key) const;
  // Adds or replaces; turns a null value into an object.
  Json& set(std::string_view key, Json value);
  // Appends; turns a null value into an array.
  Json& push(Json value);

 private:
  void write(std::string& out) const;

  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  double number_ = 0;
  std::string string_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

}  // namespace isolens
