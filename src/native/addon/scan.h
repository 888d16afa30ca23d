#pragma once
#include <napi.h>

namespace isolens::addon {
// class NativeScan(columns: {name: typed array}, steps: Float64Array of pairs [descriptor, step]). Arrays are used where they lie,
// and kept alive. A query is an object of src/score/profiles.ts (ProfileQuery); `allowed` is the words of a set of rows, null for all.
//   nearestByFingerprint(query, breadth, allowed), nearestByPharmacophore(...) -> {labels: Int32Array, scores: Float32Array}
//   nearestByVector(vectors: Float32Array (rows, dimension), query: Float32Array, breadth, allowed) -> {labels: Int32Array, scores: Float32Array}
//   terms(query, rows: Int32Array, out: Float64Array): (rows, out.length / rows); see scan/scan.h
//   keepWindow(allowed, column, own, low, high), keepWithoutAlerts(allowed), keepOtherScaffold(allowed, scaffold),
//   keepUnlike(allowed, query, limit), keepPattern(allowed, pattern: Uint8Array) -> rows left
Napi::Function define_scan(Napi::Env env);
}  // namespace isolens::addon
