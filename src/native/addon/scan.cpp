// NativeScan: the scans over a library's columns, for a worker thread of the search.
#include "scan.h"

#include <limits>

#include "../scan/scan.h"
#include "convert.h"

namespace isolens::addon {
namespace {

// The elements of a typed array, wherever its memory is: Napi::TypedArray::ArrayBuffer() refuses what threads share.
struct Elements {
  const void* data = nullptr;
  size_t length = 0;
};

Elements elements_of(const Napi::Value& value, napi_typedarray_type type) {
  Elements found;
  napi_typedarray_type own;
  void* data = nullptr;
  if (!value.IsTypedArray() || napi_get_typedarray_info(value.Env(), value, &own, &found.length, &data, nullptr, nullptr) != napi_ok || own != type) return {};
  found.data = data;
  return found;
}

template <typename T> constexpr napi_typedarray_type kind_of();
template <> constexpr napi_typedarray_type kind_of<uint8_t>() { return napi_uint8_array; }
template <> constexpr napi_typedarray_type kind_of<uint16_t>() { return napi_uint16_array; }
template <> constexpr napi_typedarray_type kind_of<uint32_t>() { return napi_uint32_array; }
template <> constexpr napi_typedarray_type kind_of<int32_t>() { return napi_int32_array; }
template <> constexpr napi_typedarray_type kind_of<float>() { return napi_float32_array; }
template <> constexpr napi_typedarray_type kind_of<double>() { return napi_float64_array; }

// Reads the fields of an object of typed arrays; the first refusal is kept.
class Fields {
 public:
  Fields(const Napi::Value& value, const char* what) : what_(what) {
    if (value.IsObject()) object_ = value.As<Napi::Object>();
    else status_ = invalid(std::string("Expected an object for ") + what + " but received " + describe(value) + ".");
  }

  // `length` < 0: any, and told in return.
  template <typename T> const T* array(const char* name, int64_t length, int64_t* found = nullptr) {
    if (!status_.is_ok()) return nullptr;
    const Napi::Value value = object_.Get(name);
    const Elements elements = elements_of(value, kind_of<T>());
    if (!value.IsTypedArray() || (elements.data == nullptr && elements.length > 0) || (length >= 0 && elements.length != static_cast<size_t>(length))) {
      const std::string expected = length < 0 ? "a typed array" : std::to_string(length) + " values";
      status_ = invalid("Expected " + expected + " for " + what_ + "." + name + " but received " + describe(value) + " of " + std::to_string(elements.length) + ".");
      return nullptr;
    }
    if (found != nullptr) *found = static_cast<int64_t>(elements.length);
    return static_cast<const T*>(elements.data);
  }

  int64_t integer(const char* name) {
    if (!status_.is_ok()) return 0;
    const Napi::Value value = object_.Get(name);
    if (value.IsNumber()) return value.As<Napi::Number>().Int64Value();
    status_ = invalid(std::string("Expected a number for ") + what_ + "." + name + " but received " + describe(value) + ".");
    return 0;
  }

  const Status& status() const { return status_; }

 private:
  Napi::Object object_;
  const char* what_;
  Status status_;
};

Napi::Object neighbours(Napi::Env env, const std::vector<scan::Found>& found) {
  Napi::Int32Array labels = Napi::Int32Array::New(env, found.size());
  Napi::Float32Array scores = Napi::Float32Array::New(env, found.size());
  for (size_t i = 0; i < found.size(); i++) {
    labels[i] = found[i].row;
    scores[i] = found[i].score;
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("labels", labels);
  object.Set("scores", scores);
  return object;
}

class NativeScan : public Napi::ObjectWrap<NativeScan> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "NativeScan",
                       {InstanceMethod<&NativeScan::nearest_by_fingerprint>("nearestByFingerprint"), InstanceMethod<&NativeScan::nearest_by_pharmacophore>("nearestByPharmacophore"),
                        InstanceMethod<&NativeScan::nearest_by_vector>("nearestByVector"),
                        InstanceMethod<&NativeScan::terms>("terms"),
                        InstanceMethod<&NativeScan::keep_window>("keepWindow"), InstanceMethod<&NativeScan::keep_without_alerts>("keepWithoutAlerts"),
                        InstanceMethod<&NativeScan::keep_other_scaffold>("keepOtherScaffold"), InstanceMethod<&NativeScan::keep_unlike>("keepUnlike"),
                        InstanceMethod<&NativeScan::keep_pattern>("keepPattern")});
  }

  explicit NativeScan(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeScan>(info) {
    const Status status = guarded([&] { return open(info[0], info[1]); });
    if (!status.is_ok()) raise(info.Env(), status);
  }

 private:
  Status open(const Napi::Value& columns, const Napi::Value& steps) {
    Fields fields(columns, "columns");
    scan::Columns& to = columns_;
    int64_t vectors = 0, pharmacophore = 0, descriptors = 0, alerts = 0;
    to.scaffold = fields.array<int32_t>("scaffold", -1, &to.count);
    to.vectors = fields.array<float>("vectors", -1, &vectors);
    to.ecfp4 = fingerprints(fields, "ecfp4", "ecfp4Size");
    to.atom_pair = fingerprints(fields, "atomPair", "atomPairSize");
    to.torsion = fingerprints(fields, "torsion", "torsionSize");
    to.pattern = fields.array<uint8_t>("pattern", to.count * scan::kFingerprintBytes);
    to.pharmacophore = fields.array<uint8_t>("pharmacophore", -1, &pharmacophore);
    to.pharmacophore_size = fields.array<uint32_t>("pharmacophoreSize", to.count);
    to.charge_class = fields.array<uint8_t>("chargeClass", to.count);
    to.descriptors = fields.array<float>("descriptors", -1, &descriptors);
    to.alerts = fields.array<uint8_t>("alerts", -1, &alerts);
    ISOLENS_TRY(fields.status());
    const int64_t rows = to.count == 0 ? 1 : to.count;
    for (const int64_t length : {vectors, pharmacophore, descriptors, alerts}) {
      if (length % rows != 0) return invalid("Expected columns of " + std::to_string(to.count) + " rows but received one of " + std::to_string(length) + " values.");
    }
    to.dimension = vectors / rows;
    to.pharmacophore_width = pharmacophore / rows;
    to.descriptor_width = descriptors / rows;
    to.alert_width = alerts / rows;
    const Elements pairs = elements_of(steps, napi_float64_array);
    const auto* values = static_cast<const double*>(pairs.data);
    for (size_t i = 0; i + 1 < pairs.length; i += 2) {
      const auto column = static_cast<int64_t>(values[i]);
      if (to.count > 0 && (column < 0 || column >= to.descriptor_width)) {
        return invalid("Expected steps of descriptors below " + std::to_string(to.descriptor_width) + " but received " + std::to_string(column) + ".");
      }
      to.steps.push_back({column, values[i + 1]});
    }
    held_ = Napi::Persistent(columns.As<Napi::Object>());
    return Status::ok();
  }

  scan::Fingerprints fingerprints(Fields& fields, const char* bits, const char* sizes) {
    return {fields.array<uint8_t>(bits, columns_.count * scan::kFingerprintBytes), fields.array<uint16_t>(sizes, columns_.count)};
  }

  Status query_of(const Napi::Value& value, scan::Query& query) const {
    Fields fields(value, "query");
    // Words of 32 bits there, bytes here: the same memory.
    const auto bits = [&](const char* name, const char* size) -> scan::QueryBits {
      return {reinterpret_cast<const uint8_t*>(fields.array<int32_t>(name, scan::kFingerprintBytes / 4)), fields.integer(size)};
    };
    query.vector = fields.array<float>("vector", columns_.dimension);
    query.ecfp4 = bits("ecfp4", "ecfp4Size");
    query.atom_pair = bits("atomPair", "atomPairSize");
    query.torsion = bits("torsion", "torsionSize");
    query.pharmacophore = fields.array<uint8_t>("pharmacophore", columns_.pharmacophore_width);
    query.pharmacophore_size = fields.integer("pharmacophoreSize");
    query.charge_class = static_cast<int>(fields.integer("chargeClass"));
    query.descriptors = fields.array<float>("descriptors", columns_.descriptor_width);
    query.scaffold = static_cast<int32_t>(fields.integer("scaffold"));
    return fields.status();
  }

  Status rows_of(const Napi::Value& value, scan::Words*& words) const {
    const Elements found = elements_of(value, napi_uint32_array);
    const auto wanted = static_cast<size_t>((columns_.count + 31) / 32);
    if (found.length != wanted || (found.data == nullptr && wanted > 0)) {
      return invalid("Expected a set of rows as " + std::to_string(wanted) + " words but received " + describe(value) + " of " + std::to_string(found.length) + ".");
    }
    words = static_cast<scan::Words*>(const_cast<void*>(found.data));
    return Status::ok();
  }

  template <typename Work>
  Napi::Value finish(Napi::Env env, const Work& work) {
    Napi::Value result = env.Undefined();
    const Status status = columns_.count == 0 ? invalid("Expected a library with molecules but received an empty one.") : guarded([&] { return work(result); });
    return status.is_ok() ? result : raise(env, status);
  }

  using Nearest = std::vector<scan::Found> (*)(const scan::Columns&, const scan::Query&, int64_t, const scan::Words*);

  Napi::Value nearest(const Napi::CallbackInfo& info, Nearest search) {
    return finish(info.Env(), [&](Napi::Value& result) -> Status {
      scan::Query query;
      scan::Words* allowed = nullptr;
      ISOLENS_TRY(query_of(info[0], query));
      int64_t most = 0;
      ISOLENS_TRY(breadth_of(info[1], most));
      if (!info[2].IsNull()) ISOLENS_TRY(rows_of(info[2], allowed));
      result = neighbours(info.Env(), search(columns_, query, most, allowed));
      return Status::ok();
    });
  }

  Napi::Value nearest_by_fingerprint(const Napi::CallbackInfo& info) { return nearest(info, scan::nearest_by_ecfp4); }
  Napi::Value nearest_by_pharmacophore(const Napi::CallbackInfo& info) { return nearest(info, scan::nearest_by_pharmacophore); }

  Napi::Value nearest_by_vector(const Napi::CallbackInfo& info) {
    return finish(info.Env(), [&](Napi::Value& result) -> Status {
      const Elements vectors = elements_of(info[0], napi_float32_array), query = elements_of(info[1], napi_float32_array);
      if (query.length == 0 || vectors.length != query.length * static_cast<size_t>(columns_.count)) {
        return invalid("Expected embeddings of " + std::to_string(columns_.count) + " rows and a query but received " + std::to_string(vectors.length) + " and " +
                       std::to_string(query.length) + " numbers.");
      }
      int64_t most = 0;
      ISOLENS_TRY(breadth_of(info[2], most));
      scan::Words* allowed = nullptr;
      if (!info[3].IsNull()) ISOLENS_TRY(rows_of(info[3], allowed));
      const auto* rows = static_cast<const float*>(vectors.data);
      const auto* own = static_cast<const float*>(query.data);
      result = neighbours(info.Env(), scan::nearest_by_vector(rows, columns_.count, static_cast<int64_t>(query.length), own, most, allowed));
      return Status::ok();
    });
  }

  // At most the number of rows; infinity is all.
  Status breadth_of(const Napi::Value& value, int64_t& most) const {
    const double breadth = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
    if (!(breadth >= 0)) return invalid("Expected a number of rows but received " + describe(value) + ".");
    most = breadth >= static_cast<double>(columns_.count) ? columns_.count : static_cast<int64_t>(breadth);
    return Status::ok();
  }

  static Napi::Int32Array int32_array(Napi::Env env, const std::vector<int32_t>& rows) {
    Napi::Int32Array array = Napi::Int32Array::New(env, rows.size());
    if (!rows.empty()) std::memcpy(array.Data(), rows.data(), rows.size() * sizeof(int32_t));
    return array;
  }

  Napi::Value terms(const Napi::CallbackInfo& info) {
    return finish(info.Env(), [&](Napi::Value&) -> Status {
      scan::Query query;
      ISOLENS_TRY(query_of(info[0], query));
      const Elements rows = elements_of(info[1], napi_int32_array), out = elements_of(info[2], napi_float64_array);
      const size_t stride = rows.length == 0 ? 0 : out.length / rows.length;
      const bool fits = rows.length == 0 || (out.length == stride * rows.length && stride >= static_cast<size_t>(scan::kTerms));
      if (!info[1].IsTypedArray() || !info[2].IsTypedArray() || !fits) {
        return invalid("Expected an Int32Array of rows and a Float64Array of at least " + std::to_string(scan::kTerms) + " terms for each but received " +
                       std::to_string(rows.length) + " and " + std::to_string(out.length) + ".");
      }
      const auto* chosen = static_cast<const int32_t*>(rows.data);
      for (size_t i = 0; i < rows.length; i++) {
        if (chosen[i] < 0 || chosen[i] >= columns_.count) {
          return invalid("Expected rows below " + std::to_string(columns_.count) + " but received " + std::to_string(chosen[i]) + ".");
        }
      }
      if (rows.length == 0) return Status::ok();
      auto* terms = static_cast<double*>(const_cast<void*>(out.data));
      scan::raw_terms(columns_, query, chosen, static_cast<int64_t>(rows.length), static_cast<int64_t>(stride), terms);
      return Status::ok();
    });
  }

  // Filters: the set first, then what it is filtered by.
  template <typename Work>
  Napi::Value keep(const Napi::CallbackInfo& info, const Work& work) {
    return finish(info.Env(), [&](Napi::Value& result) -> Status {
      scan::Words* allowed = nullptr;
      ISOLENS_TRY(rows_of(info[0], allowed));
      int64_t left = 0;
      ISOLENS_TRY(work(allowed, left));
      result = Napi::Number::New(info.Env(), static_cast<double>(left));
      return Status::ok();
    });
  }

  Napi::Value keep_window(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "keepWindow", 1);
    constexpr double kAny = std::numeric_limits<double>::infinity();
    const int64_t column = arguments.integer("column", 0, columns_.descriptor_width - 1);
    const double own = arguments.number("own", -kAny, kAny), low = arguments.number("low", -kAny, kAny), high = arguments.number("high", -kAny, kAny);
    return keep(info, [&](scan::Words* allowed, int64_t& left) -> Status {
      ISOLENS_TRY(arguments.status());
      left = scan::keep_window(columns_, column, own, low, high, allowed);
      return Status::ok();
    });
  }

  Napi::Value keep_without_alerts(const Napi::CallbackInfo& info) {
    return keep(info, [&](scan::Words* allowed, int64_t& left) -> Status {
      left = scan::keep_without_alerts(columns_, allowed);
      return Status::ok();
    });
  }

  Napi::Value keep_other_scaffold(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "keepOtherScaffold", 1);
    const int64_t scaffold = arguments.integer("scaffold", -1, std::numeric_limits<int32_t>::max());
    return keep(info, [&](scan::Words* allowed, int64_t& left) -> Status {
      ISOLENS_TRY(arguments.status());
      left = scan::keep_other_scaffold(columns_, static_cast<int32_t>(scaffold), allowed);
      return Status::ok();
    });
  }

  Napi::Value keep_unlike(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "keepUnlike", 2);
    const double limit = arguments.number("limit", -1e9, 1e9);
    return keep(info, [&](scan::Words* allowed, int64_t& left) -> Status {
      ISOLENS_TRY(arguments.status());
      scan::Query query;
      ISOLENS_TRY(query_of(info[1], query));
      left = scan::keep_unlike(columns_, query, limit, allowed);
      return Status::ok();
    });
  }

  Napi::Value keep_pattern(const Napi::CallbackInfo& info) {
    return keep(info, [&](scan::Words* allowed, int64_t& left) -> Status {
      const Elements pattern = elements_of(info[1], napi_uint8_array);
      if (pattern.length != static_cast<size_t>(scan::kFingerprintBytes)) {
        return invalid("Expected a pattern of 256 bytes but received " + describe(info[1]) + " of " + std::to_string(pattern.length) + ".");
      }
      left = scan::keep_pattern(columns_, static_cast<const uint8_t*>(pattern.data), allowed);
      return Status::ok();
    });
  }

  scan::Columns columns_;
  Napi::ObjectReference held_;
};

}  // namespace

Napi::Function define_scan(Napi::Env env) { return NativeScan::define(env); }

}  // namespace isolens::addon
