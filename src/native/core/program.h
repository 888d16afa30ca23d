// A graph (src/graph, as JSON) bound to memory: forward, backward, parameters. Front ends and the trainer use only this
// header; kernels, the tape and the memory plan stay behind it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../kernels/kernels.h"
#include "status.h"
#include "thread_pool.h"

namespace isolens {

enum class DType { kF32, kI32 };

// A view; valid until the next bind() or the end of the program.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  void* data = nullptr;
  float* f32() const { return static_cast<float*>(data); }
  int32_t* i32() const { return static_cast<int32_t*>(data); }
  int64_t count() const {
    int64_t n = 1;
    for (int64_t d : shape) n *= d;
    return n;
  }
};

struct Parameter {
  std::string name;
  std::vector<int64_t> shape;
  bool trainable = true;  // false: states, such as running statistics and queues
  bool decay = false;     // decoupled weight decay applies (matrices only)
  int64_t frozen_until = 0;  // no step up to this one, counted from 1, changes it
  std::vector<float> value, grad, moment1, moment2;  // the last three are empty where !trainable
  // Set by zero_grad(): grad counts as zeros whatever it holds. The first gradient overwrites it; whoever reads settles it before.
  bool grad_is_stale = false;
  void settle_gradient() {
    if (grad_is_stale) std::fill(grad.begin(), grad.end(), 0.0f);
    grad_is_stale = false;
  }
};

struct AdamWOptions {
  float learning_rate = 1e-3f, beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f, weight_decay = 0.01f;
  float clip_norm = 0.0f;  // 0: no clipping of the global gradient norm
};

// What is done to a parameter after every step of the optimiser.
struct Rule {
  enum class Kind { kClamp, kUnitRows, kAverage, kFreeze, kAssign, kEnqueue, kScatterRows };
  Kind kind = Kind::kClamp;
  std::string parameter;
  std::string source;                // average: the parameter that is followed; otherwise the value that is taken
  std::string rows;                  // scatterRows: which rows take its rows
  float minimum = 0, maximum = 0;    // clamp
  float momentum = 0;                // average
  int64_t until = 0;                 // freeze: the last step that does not train it
  bool takes_value() const { return kind == Kind::kAssign || kind == Kind::kEnqueue || kind == Kind::kScatterRows; }
};

// What a device saw of the steps since it was last asked.
struct StepNumbers {
  std::vector<double> sums;   // of every scalar recorded, over the steps
  std::vector<float> last;    // of the last step
  int64_t steps = 0;
  float gradient_norm = 0;    // of the last step
  int64_t bad_step = -1;      // the first step whose loss or gradient was not finite; nothing was updated since
  bool bad_loss = false;      // the loss rather than the gradient
};

// The numbers of a store in a device's memory. There they are current; the store's own vectors are after download().
class ParameterMirror {
 public:
  virtual ~ParameterMirror() = default;
  virtual Status download() = 0;
  // The store's vectors were written: they go to the device before they are used there.
  virtual void changed() = 0;
  virtual Status zero_grad() = 0;
  // One AdamW step from the gradients there. Waits for nothing and changes nothing from a bad step on; nor do the rules after it.
  virtual Status step(const AdamWOptions& options, int64_t step) = 0;
  // A rule that takes no value: clamp, unit rows, average.
  virtual Status apply(const Rule& rule) = 0;
  // Waits for everything before it.
  virtual Expected<StepNumbers> take() = 0;
};

// Parameters live apart from programs: a training program and an evaluation program share one store by name.
class ParameterStore {
 public:
  virtual ~ParameterStore() = default;
  virtual std::vector<Parameter>& all() = 0;
  virtual Parameter* find(const std::string& name) = 0;
  virtual void zero_grad() = 0;
  // Set by the first program on a device; null: the vectors are all there is.
  virtual std::shared_ptr<ParameterMirror>& mirror() = 0;
  Status download() { return mirror() == nullptr ? Status::ok() : mirror()->download(); }
  void changed() {
    if (mirror() != nullptr) mirror()->changed();
  }
};

class Backend;

struct ProgramOptions {
  bool training = true;                      // plan gradients and keep what backward needs
  std::map<std::string, int64_t> capacity;   // symbol -> largest size it will be bound to
  uint64_t seed = 0;                         // initial values of parameters, dropout
  Precision precision = Precision::kF32;
  std::string loss;                          // name of the scalar output that backward starts from (training only)
  bool keep_all = false;                     // tests: every value and gradient keeps its own memory and can be read
  bool input_gradients = false;              // also compute gradients of f32 graph inputs
  bool profile = false;                      // time every node
  std::shared_ptr<Backend> backend;          // where it runs; null: this processor
};

struct NodeTime {
  std::string op, name;
  double forward_ms = 0, backward_ms = 0;  // summed over all calls
};

class Program {
 public:
  virtual ~Program() = default;
  // Sets the actual size of every symbol (<= capacity). Plans nothing anew: memory is that of the capacity.
  virtual Status bind(const std::map<std::string, int64_t>& sizes) = 0;
  // Memory of a graph input, to be filled by the caller after bind(); shape as bound.
  virtual Expected<TensorView> input(const std::string& name) = 0;
  // Any graph input or output after forward(); with keep_all (tests) any value.
  virtual Expected<TensorView> value(const std::string& name) = 0;
  // Gradient of a graph input after backward(), where options ask for it; with keep_all that of any value that has one.
  virtual Expected<TensorView> input_gradient(const std::string& name) = 0;
  // training: batch statistics, dropout on; step seeds dropout.
  virtual Status forward(bool training, uint64_t step) = 0;
  // Adds d(loss * scale)/d(parameter) to every trainable parameter's grad.
  virtual Status backward(float scale) = 0;
  // Adds share * value of scalars to the sums of the store's mirror, without waiting; programs on a device only.
  virtual Status record(const std::vector<std::string>& scalars, float share) = 0;
  // A rule that takes a value that forward() has computed, after the step-th step (from 1), without waiting. A ring of rows holds a
  // whole number of batches, so its oldest rows follow from the step. A row outside a bank is kDatasetInvalid before anything is
  // written; a device, which would have to wait to say so, leaves it out.
  virtual Status take(const Rule& rule, int64_t step) = 0;
  virtual size_t memory_bytes() const = 0;
  // Empty unless options.profile.
  virtual std::vector<NodeTime> profile() const = 0;
};

std::unique_ptr<ParameterStore> make_parameter_store();

// graph_json: the IR of src/graph. Parameters that the store lacks are added and initialised from options.seed and their
// own name (so that the order of parameters does not matter); those it has must agree in shape.
Expected<std::unique_ptr<Program>> make_program(const std::string& graph_json, const ProgramOptions& options,
                                                ParameterStore& store, ThreadPool& pool);

// One AdamW step (Loshchilov & Hutter 2019, arXiv:1711.05101), step counted from 1. Returns the global gradient norm before
// clipping; where that is not finite nothing is changed and the caller decides.
float adamw_step(ParameterStore& store, const AdamWOptions& options, int64_t step, ThreadPool& pool);

}  // namespace isolens
