#include "json.h"

#include <charconv>
#include <cmath>
#include <unordered_set>

namespace isolens {

namespace {

const Json kNullJson;

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

void write_string(std::string& out, const std::string& text) {
  static const char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

class Parser {
 public:
  Parser(std::string_view text, int maximum_depth) : text_(text), depth_left_(maximum_depth) {}

  Expected<Json> run() {
    Json value;
    if (!parse_value(&value)) return failure();
    skip_space();
    if (at_ != text_.size()) {
      expected_ = "the end of the text";
      return failure();
    }
    return value;
  }

 private:
  Status failure() const {
    std::string received = at_ < text_.size() ? std::string("'") + printable(text_[at_]) + "'" : "the end of the text";
    return Status(Code::kGraphInvalid, "Expected JSON with " + std::string(expected_) + " at byte " + std::to_string(at_) +
                                           " but received " + received + ".");
  }
  static std::string printable(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) return std::string(1, c);
    return "byte " + std::to_string(byte);
  }
  bool refuse(const char* expected) {
    expected_ = expected;
    return false;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) at_++;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    at_++;
    return true;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return refuse("a value");
    at_ += word.size();
    return true;
  }

  bool parse_value(Json* out) {
    skip_space();
    if (at_ >= text_.size()) return refuse("a value");
    switch (text_[at_]) {
      case '{': return parse_object(out);
      case '[': return parse_array(out);
      case '"': {
        std::string text;
        if (!parse_string(&text)) return false;
        *out = Json(std::move(text));
        return true;
      }
      case 't': *out = Json(true); return take_word("true");
      case 'f': *out = Json(false); return take_word("false");
      case 'n': *out = Json(); return take_word("null");
      default: return parse_number(out);
    }
  }

  bool parse_object(Json* out) {
    if (depth_left_-- <= 0) return refuse("less nesting");
    at_++;
    std::vector<Json::Member> members;
    std::unordered_set<std::string> seen;
    if (!take('}')) {
      do {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != '"') return refuse("a key");
        Json::Member member;
        if (!parse_string(&member.first)) return false;
        if (!seen.insert(member.first).second) return refuse("distinct keys");
        if (!take(':')) return refuse("':'");
        if (!parse_value(&member.second)) return false;
        members.push_back(std::move(member));
      } while (take(','));
      if (!take('}')) return refuse("',' or '}'");
    }
    depth_left_++;
    *out = Json::object(std::move(members));
    return true;
  }

  bool parse_array(Json* out) {
    if (depth_left_-- <= 0) return refuse("less nesting");
    at_++;
    std::vector<Json> items;
    if (!take(']')) {
      do {
        items.emplace_back();
        if (!parse_value(&items.back())) return false;
      } while (take(','));
      if (!take(']')) return refuse("',' or ']'");
    }
    depth_left_++;
    *out = Json::array(std::move(items));
    return true;
  }

  bool parse_string(std::string* out) {
    at_++;
    for (;;) {
      if (at_ >= text_.size()) return refuse("a closing quote");
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return refuse("an escaped control character");
      at_++;
      if (c == '"') return true;
      if (c != '\\') {
        *out += c;
      } else if (!parse_escape(out)) {
        return false;
      }
    }
  }

  bool parse_escape(std::string* out) {
    if (at_ >= text_.size()) return refuse("an escape");
    switch (text_[at_++]) {
      case '"': *out += '"'; return true;
      case '\\': *out += '\\'; return true;
      case '/': *out += '/'; return true;
      case 'b': *out += '\b'; return true;
      case 'f': *out += '\f'; return true;
      case 'n': *out += '\n'; return true;
      case 'r': *out += '\r'; return true;
      case 't': *out += '\t'; return true;
      case 'u': return parse_unicode(out);
      default: at_--; return refuse("a known escape");
    }
  }

  bool parse_hex4(uint32_t* code) {
    if (text_.size() - at_ < 4) return refuse("four hexadecimal digits");
    const auto result = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, *code, 16);
    if (result.ptr != text_.data() + at_ + 4) return refuse("four hexadecimal digits");
    at_ += 4;
    return true;
  }

  bool parse_unicode(std::string* out) {
    uint32_t code = 0;
    if (!parse_hex4(&code)) return false;
    if (code >= 0xdc00 && code < 0xe000) return refuse("a surrogate pair");
    if (code >= 0xd800 && code < 0xdc00) {
      uint32_t low = 0;
      if (text_.substr(at_, 2) != "\\u") return refuse("a surrogate pair");
      at_ += 2;
      if (!parse_hex4(&low)) return false;
      if (low < 0xdc00 || low >= 0xe000) return refuse("a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(*out, code);
    return true;
  }

  bool parse_number(Json* out) {
    const size_t start = at_;
    size_t end = at_;
    auto digits = [&] {
      const size_t first = end;
      while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') end++;
      return end - first;
    };
    if (end < text_.size() && text_[end] == '-') end++;
    const bool leading_zero = end < text_.size() && text_[end] == '0';
    const size_t whole = digits();
    if (whole == 0 || (leading_zero && whole > 1)) return refuse("a value");
    if (end < text_.size() && text_[end] == '.') {
      end++;
      if (digits() == 0) return refuse("digits after the point");
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      end++;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) end++;
      if (digits() == 0) return refuse("digits of an exponent");
    }
    double value = 0;
    const auto result = std::from_chars(text_.data() + start, text_.data() + end, value);
    if (result.ec != std::errc() || !std::isfinite(value)) return refuse("a number that a double holds");
    at_ = end;
    *out = Json(value);
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_left_;
  const char* expected_ = "a value";
};

}  // namespace

Json Json::array(std::vector<Json> items) {
  Json json;
  json.kind_ = Kind::kArray;
  json.items_ = std::move(items);
  return json;
}

Json Json::object(std::vector<Member> members) {
  Json json;
  json.kind_ = Kind::kObject;
  json.members_ = std::move(members);
  return json;
}

Expected<Json> Json::parse(std::string_view text, int maximum_depth) { return Parser(text, maximum_depth).run(); }

bool Json::is_integer() const {
  return is_number() && std::nearbyint(number_) == number_ && std::fabs(number_) <= 9007199254740992.0;
}

const Json* Json::find(std::string_view key) const {
  for (const Member& member : members_) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

const Json& Json::operator[](std::string_view key) const {
  const Json* value = find(key);
  return value != nullptr ? *value : kNullJson;
}

Json& Json::set(std::string_view key, Json value) {
  if (is_null()) kind_ = Kind::kObject;
  for (Member& member : members_) {
    if (member.first == key) {
      member.second = std::move(value);
      return *this;
    }
  }
  members_.emplace_back(std::string(key), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  if (is_null()) kind_ = Kind::kArray;
  items_.push_back(std::move(value));
  return *this;
}

void Json::write(std::string& out) const {
  switch (kind_) {
    case Kind::kNull: out += "null"; return;
    case Kind::kBool: out += bool_ ? "true" : "false"; return;
    case Kind::kString: write_string(out, string_); return;
    case Kind::kNumber: {
      char text[40];
      if (!std::isfinite(number_)) {
        out += "null";
        return;
      }
      const auto result = is_integer() ? std::to_chars(text, text + sizeof text, static_cast<int64_t>(number_))
                                       : std::to_chars(text, text + sizeof text, number_);
      out.append(text, result.ptr);
      return;
    }
    case Kind::kArray: {
      out += '[';
      for (size_t i = 0; i < items_.size(); i++) {
        if (i > 0) out += ',';
        items_[i].write(out);
      }
      out += ']';
      return;
    }
    case Kind::kObject: {
      out += '{';
      for (size_t i = 0; i < members_.size(); i++) {
        if (i > 0) out += ',';
        write_string(out, members_[i].first);
        out += ':';
        members_[i].second.write(out);
      }
      out += '}';
      return;
    }
  }
}

std::string Json::dump() const {
  std::string out;
  write(out);
  return out;
}

}  // namespace isolens
