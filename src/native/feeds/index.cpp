#include "feed.h"

namespace isolens {
namespace {

Status refuse(const std::string& what) { return {Code::kArgumentInvalid, what + " Correct \"feeds\" of the run configuration."}; }

template <typename Names>
std::string list_of(const Names& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

bool contains(const std::vector<const char*>& names, const std::string& name) {
  for (const char* candidate : names) {
    if (name == candidate) return true;
  }
  return false;
}

const FeedKind* kind_named(const std::string& id) {
  for (const FeedKind& kind : feed_kinds()) {
    if (id == kind.id) return &kind;
  }
  return nullptr;
}

}  // namespace

const std::vector<FeedKind>& feed_kinds() {
  static const std::vector<FeedKind> kinds = {drawing_feed(), sparse_feed(), graph_feed(), dense_feed(), group_feed(), label_feed(), reading_feed(), row_feed(), smiles_feed(), cells_feed()};
  return kinds;
}

Expected<FeedSpec> parse_feed(const Json& entry, const std::vector<DeclaredInput>& graph_inputs) {
  FeedSpec spec;
  spec.kind = entry["kind"].as_string();
  spec.column = entry["column"].as_string();
  const FeedKind* kind = kind_named(spec.kind);
  if (kind == nullptr) {
    std::vector<std::string> ids;
    for (const FeedKind& known : feed_kinds()) ids.emplace_back(known.id);
    return refuse("Expected a feed kind of " + list_of(ids) + " but received \"" + spec.kind + "\".");
  }
  if (spec.column.empty()) return refuse("Expected the " + spec.kind + " feed to name its column.");
  std::vector<const char*> roles;
  for (const FeedRole& role : kind->roles) roles.push_back(role.name);
  for (const auto& [role, name] : entry["inputs"].members()) {
    if (!contains(roles, role)) return refuse("Expected the roles " + list_of(roles) + " of the " + spec.kind + " feed but received \"" + role + "\".");
  }
  for (const FeedRole& role : kind->roles) {
    DeclaredInput absent;
    absent.dtype = std::string(role.dtype) == "i32" ? DType::kI32 : DType::kF32;
    const Json& named = entry["inputs"][role.name];
    if (named.is_null() && role.optional) {
      spec.inputs.push_back(absent);
      continue;
    }
    const std::string& name = named.as_string();
    const DeclaredInput* declared = nullptr;
    for (const DeclaredInput& input : graph_inputs) {
      if (input.name == name) declared = &input;
    }
    if (declared == nullptr) return refuse("Expected role " + std::string(role.name) + " of the " + spec.kind + " feed to name a graph input but received \"" + name + "\".");
    const std::string dtype = declared->dtype == DType::kF32 ? "f32" : "i32";
    if (std::string(role.dtype) != "any" && role.dtype != dtype) {
      return refuse("Expected graph input " + name + " as " + role.dtype + " for the " + spec.kind + " feed but received " + dtype + ".");
    }
    spec.inputs.push_back(*declared);
  }
  for (const auto& [option, value] : entry["options"].members()) {
    if (!contains(kind->options, option)) {
      return refuse("Expected the options " + list_of(kind->options) + " of the " + spec.kind + " feed but received \"" + option + "\".");
    }
  }
  spec.options = entry["options"];
  return spec;
}

Expected<std::unique_ptr<Feed>> make_feed(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  const FeedKind* kind = kind_named(spec.kind);
  if (kind == nullptr) return refuse("Expected a known feed kind but received \"" + spec.kind + "\".");
  return kind->make(spec, std::move(data));
}

}  // namespace isolens
