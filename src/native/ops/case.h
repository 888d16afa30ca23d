// Rows of the operator table: what an operator is tested and timed with. Every <op>_case.cpp adds its rows, each with a slow
// reference in f64 that shares no code with the operator.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "../core/json.h"
#include "../core/op.h"

namespace isolens {

struct CaseTensor {
  DType dtype = DType::kF32;
  Shape shape;
  std::vector<double> data;
  int64_t size(int64_t axis) const { return shape[axis < 0 ? shape.size() + axis : axis]; }
};

struct CaseInput {
  Shape shape;
  enum class Fill { kNormal, kUniform, kIndex, kDistinct, kSparse } fill = Fill::kNormal;  // kIndex: i32; kDistinct: no two within 0.01
  double low = 0, high = 1;   // kUniform: [low, high); kIndex: whole numbers low <= i < high
  bool parameter = false;     // a parameter of the graph rather than an input
  bool trainable = true;      // parameters only
  bool present = true;        // false: an optional input that is left out
};

inline CaseInput normal(Shape shape) { return {std::move(shape), CaseInput::Fill::kNormal, 0, 1, false, true, true}; }
inline CaseInput uniform(Shape shape, double low, double high) { return {std::move(shape), CaseInput::Fill::kUniform, low, high, false, true, true}; }
inline CaseInput index(Shape shape, double low, double high) { return {std::move(shape), CaseInput::Fill::kIndex, low, high, false, true, true}; }
inline CaseInput distinct(Shape shape) { return {std::move(shape), CaseInput::Fill::kDistinct, 0, 1, false, true, true}; }
// A matrix of which row 0 is all zeros, row 1 has one entry that is not, row 2 has no zero, and the others one entry in 32.
inline CaseInput sparse(Shape shape) { return {std::move(shape), CaseInput::Fill::kSparse, 0, 1, false, true, true}; }
inline CaseInput as_parameter(CaseInput input, bool trainable = true) {
  input.parameter = true;
  input.trainable = trainable;
  return input;
}
inline CaseInput left_out() {
  CaseInput input;
  input.present = false;
  return input;
}

// Fills out->data; out->shape is what the operator inferred.
using Reference = std::function<void(const std::vector<CaseTensor>& in, const Json& attributes, CaseTensor* out)>;

struct OpCase {
  std::string op, label;
  std::vector<CaseInput> inputs;
  std::string attributes = "{}";
  Reference reference;            // absent: a row for timing alone
  bool gradient = true;
  bool training = true;
  double tolerance = 1e-5;        // of each element, relative to the larger of itself and the root mean square
  double gradient_tolerance = 5e-5;
  double flops = 0;               // of a forward pass, rows for timing
};

using OpCases = std::vector<OpCase>;

// ops/case_index.cpp
OpCases all_op_cases();

// Sizes of a shape as loops: calls body(index) for every element in order; index has one entry per axis.
inline void for_each_index(const Shape& shape, const std::function<void(const Shape& index)>& body) {
  Shape index(shape.size(), 0);
  int64_t count = element_count(shape);
  while (count-- > 0) {
    body(index);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

// Row-major position; axes of size 1 are repeated and missing leading axes dropped, as broadcasting does.
inline int64_t position(const Shape& shape, const Shape& index) {
  int64_t at = 0;
  for (size_t axis = 0; axis < shape.size(); axis++) {
    at = at * shape[axis] + (shape[axis] == 1 ? 0 : index[index.size() - shape.size() + axis]);
  }
  return at;
}
inline double value_at(const CaseTensor& tensor, const Shape& index) { return tensor.data[static_cast<size_t>(position(tensor.shape, index))]; }

inline double attribute(const Json& attributes, const char* name, double fallback) { return attributes[name].as_number(fallback); }
inline Shape attribute_list(const Json& attributes, const char* name, Shape fallback) {
  if (!attributes[name].is_array()) return fallback;
  Shape list;
  for (const Json& item : attributes[name].items()) list.push_back(item.as_integer());
  return list;
}

}  // namespace isolens
