// What an operator is to the program: a shape rule, answers to the memory planner, forward and backward. One instance
// serves one node. Operators live in ops/<op>/ and are listed in ops/index.cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "json.h"
#include "program.h"

namespace isolens {

using Shape = std::vector<int64_t>;

// Type and shape of an input or output; an optional input that the node leaves out is not present.
struct TensorSpec {
  DType dtype = DType::kF32;
  Shape shape;
  bool present = true;
  bool parameter = false;
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  int64_t count() const;
};

int64_t element_count(const Shape& shape);
// "f32(2, 3)", or "none" where not present.
std::string describe(const TensorSpec& spec);
std::string describe(const Shape& shape);
// Axis counted from the start; -1 where the rank does not have it.
int64_t resolve_axis(int64_t axis, int64_t rank);
// Numpy broadcasting; false where the shapes do not agree.
bool broadcast_shapes(const Shape& a, const Shape& b, Shape* out);

// Typed reads of a node's attributes. The first refusal is kept; attributes nobody read are refused by finish().
class AttributeReader {
 public:
  explicit AttributeReader(const Json& attributes) : attributes_(attributes) {}
  int64_t integer(const char* name, int64_t fallback, int64_t low, int64_t high);
  double number(const char* name, double fallback);
  double required_number(const char* name);
  std::string word(const char* name, const char* fallback);
  Shape integers(const char* name, Shape fallback, int64_t low, int64_t high);
  void refuse(const char* name, const std::string& expected);
  // "" or what was expected of which attribute and what was received.
  std::string finish();

 private:
  const Json* read(const char* name);
  const Json& attributes_;
  std::vector<std::string> seen_;
  std::string refusal_;
};

// How often inputs occur and their types: one letter an input, f (f32), i (i32) or * (either); the last repeats where
// maximum exceeds the letters.
struct Signature {
  int minimum = 1;
  int maximum = 1;
  const char* dtypes = "f";
};

// Whether a result may live in the memory of something the node reads for the last time.
enum class Reuse {
  kNone,
  kView,       // the bytes are the same: nothing needs to be written
  kOverwrite,  // element i is written after element i was last read; shapes must be equal
};

// Pointers and shapes of one execution of a node. Inputs that are not present have null data.
struct OpContext {
  ThreadPool& pool;
  Precision precision;
  bool training = false;
  uint64_t seed = 0;  // of this node at this step
  const std::vector<TensorSpec>& in;
  const TensorSpec& out;
  std::vector<void*> x;  // inputs; those that backward does not read may hold anything then
  void* y = nullptr;     // output; likewise
  void* saved = nullptr;      // saved_bytes(), from forward to backward
  void* workspace = nullptr;  // workspace_bytes(), this call only; 64-byte aligned

  // Backward only.
  float* dy = nullptr;
  bool dy_writable = false;       // masks_gradient() was granted: dy may be changed first
  std::vector<float*> dx;         // null: not wanted
  std::vector<bool> accumulate;   // add to dx rather than overwrite it

  const float* f32(size_t i) const { return static_cast<const float*>(x[i]); }
  const int32_t* i32(size_t i) const { return static_cast<const int32_t*>(x[i]); }
  float* out_f32() const { return static_cast<float*>(y); }
  bool has(size_t i) const { return i < x.size() && x[i] != nullptr; }
  bool wants(size_t i) const { return i < dx.size() && dx[i] != nullptr; }
};

class Op {
 public:
  virtual ~Op() = default;
  virtual Signature signature() const { return {}; }
  // Fills out->dtype and out->shape; "" or what was expected of the inputs.
  virtual std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const = 0;

  virtual Reuse forward_reuse(size_t /*input*/) const { return Reuse::kNone; }
  // May d(input) take the memory of d(output)? Where several inputs want a gradient, kOverwrite must stay correct.
  virtual Reuse backward_reuse(size_t /*input*/) const { return Reuse::kNone; }
  // Backward first changes dy in place where it may; the gradients of its inputs are then views of dy (kView), otherwise
  // they are computed from dy as it is.
  virtual bool masks_gradient() const { return false; }
  virtual bool differentiable(size_t input, const std::vector<TensorSpec>& in) const { return in[input].dtype == DType::kF32; }
  virtual bool backward_reads_input(size_t /*input*/, const std::vector<bool>& /*wanted*/) const { return true; }
  virtual bool backward_reads_output() const { return false; }
  // False: backward overwrites d(input) whatever `accumulate` says, and the program adds it up.
  virtual bool can_accumulate(size_t /*input*/) const { return true; }
  virtual size_t saved_bytes(const std::vector<TensorSpec>& /*in*/, const TensorSpec& /*out*/) const { return 0; }
  virtual size_t workspace_bytes(const std::vector<TensorSpec>& /*in*/, const TensorSpec& /*out*/, int /*threads*/) const { return 0; }

  // "" or what was expected of the data and what was received (indices out of range).
  virtual std::string forward(OpContext& context) const = 0;
  // Inputs are handled in order, so that the same gradient may occur twice, the second time accumulated.
  virtual void backward(OpContext& context) const = 0;
};

using OpFactory = std::unique_ptr<Op> (*)(AttributeReader& attributes);
struct OpEntry {
  const char* name;
  OpFactory make;
};
// ops/index.cpp; nullptr where there is no such operator.
const OpEntry* find_op(const std::string& name);
const std::vector<OpEntry>& all_ops();

}  // namespace isolens
