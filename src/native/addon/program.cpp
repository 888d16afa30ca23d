// NativeProgram: a graph bound to memory, driven step by step from JavaScript (tests, tools).
#include "program.h"

#include <atomic>
#include <map>

#include "../core/program.h"
#include "../train/run_config.h"
#include "../train/weights.h"
#include "convert.h"

namespace isolens::addon {
namespace {

Expected<std::map<std::string, int64_t>> sizes_of(const Json& json, const char* what) {
  std::map<std::string, int64_t> sizes;
  for (const auto& [symbol, size] : json.members()) {
    const int64_t value = size.as_integer(-1);
    if (value < 0) return invalid(std::string("Expected ") + what + " to give whole numbers but received " + size.dump().substr(0, 40) + " for " + symbol + ".");
    sizes[symbol] = value;
  }
  return sizes;
}

Napi::Array shape_array(Napi::Env env, const std::vector<int64_t>& shape) {
  Napi::Array array = Napi::Array::New(env, shape.size());
  for (uint32_t i = 0; i < shape.size(); i++) array.Set(i, Napi::Number::New(env, static_cast<double>(shape[i])));
  return array;
}

Napi::Value tensor_object(Napi::Env env, DType dtype, const std::vector<int64_t>& shape, const void* data, size_t count) {
  Napi::Object object = Napi::Object::New(env);
  if (dtype == DType::kF32) {
    Napi::Float32Array array = Napi::Float32Array::New(env, count);
    if (count > 0) std::memcpy(array.Data(), data, count * 4);
    object.Set("data", array);
  } else {
    Napi::Int32Array array = Napi::Int32Array::New(env, count);
    if (count > 0) std::memcpy(array.Data(), data, count * 4);
    object.Set("data", array);
  }
  object.Set("shape", shape_array(env, shape));
  return object;
}

class NativeProgram : public Napi::ObjectWrap<NativeProgram> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "NativeProgram",
                       {InstanceMethod<&NativeProgram::bind>("bind"), InstanceMethod<&NativeProgram::set_input>("setInput"),
                        InstanceMethod<&NativeProgram::forward>("forward"), InstanceMethod<&NativeProgram::backward>("backward"),
                        InstanceMethod<&NativeProgram::zero_gradients>("zeroGradients"), InstanceMethod<&NativeProgram::value>("value"),
                        InstanceMethod<&NativeProgram::gradient>("gradient"), InstanceMethod<&NativeProgram::parameter_names>("parameterNames"),
                        InstanceMethod<&NativeProgram::get_parameter>("getParameter"), InstanceMethod<&NativeProgram::set_parameter>("setParameter"),
                        InstanceMethod<&NativeProgram::load_parameters>("loadParameters"), InstanceMethod<&NativeProgram::adamw>("adamwStep")});
  }

  explicit NativeProgram(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeProgram>(info) {
    Arguments arguments(info, "NativeProgram");
    const std::string graph = arguments.text("graph");
    const Json options = arguments.json("options");
    const Status status = arguments.status().is_ok() ? guarded([&] { return open(graph, options); }) : arguments.status();
    if (!status.is_ok()) raise(info.Env(), status);
  }

 private:
  Status open(const std::string& graph, const Json& json) {
    SettingsReader reader(json, "options");
    ProgramOptions options;
    options.training = reader.flag("training", true);
    options.seed = static_cast<uint64_t>(reader.integer("seed", 0, 0));
    options.loss = reader.text("loss", "");
    options.keep_all = reader.flag("keepAll", false);
    const Expected<Precision> precision = parse_precision(reader.text("precision", "f32"));
    const int threads = resolve_threads(reader.integer("threads", 0, 0, 256));
    Expected<std::map<std::string, int64_t>> capacity = sizes_of(reader.any("capacity"), "capacity");
    ISOLENS_TRY(reader.finish());
    if (!precision) return precision.status();
    if (!capacity) return capacity.status();
    options.precision = *precision;
    options.capacity = std::move(*capacity);
    pool_ = std::make_unique<ThreadPool>(threads);
    store_ = make_parameter_store();
    Expected<std::unique_ptr<Program>> program = make_program(graph, options, *store_, *pool_);
    if (!program) return program.status();
    program_ = std::move(*program);
    return Status::ok();
  }

  // Every method: read the arguments, do the work, turn the status into an error.
  template <typename Work>
  Napi::Value finish(Napi::Env env, const Arguments& arguments, const Work& work) {
    if (!arguments.status().is_ok()) return raise(env, arguments.status());
    Napi::Value result = env.Undefined();
    const Status status = guarded([&] { return work(result); });
    return status.is_ok() ? result : raise(env, status);
  }

  Expected<Parameter*> parameter(const std::string& name) {
    Parameter* found = store_->find(name);
    if (found == nullptr) return invalid("Expected the name of a parameter but received \"" + name + "\".");
    return found;
  }

  Napi::Value bind(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "bind");
    const Json sizes = arguments.json("sizes");
    return finish(info.Env(), arguments, [&](Napi::Value&) -> Status {
      Expected<std::map<std::string, int64_t>> checked = sizes_of(sizes, "sizes");
      if (!checked) return checked.status();
      return program_->bind(*checked);
    });
  }

  Napi::Value set_input(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "setInput");
    const std::string name = arguments.text("name");
    const bool integers = info.Length() > 1 && info[1].IsTypedArray() && info[1].As<Napi::TypedArray>().TypedArrayType() == napi_int32_array;
    const Napi::TypedArray data = arguments.typed_array("data", integers ? napi_int32_array : napi_float32_array);
    const std::vector<int64_t> shape = arguments.sizes("shape");
    return finish(info.Env(), arguments, [&](Napi::Value&) -> Status {
      Expected<TensorView> input = program_->input(name);
      if (!input) return input.status();
      if ((input->dtype == DType::kI32) != integers) return invalid("Expected " + std::string(integers ? "a Float32Array" : "an Int32Array") + " for input " + name + " but received the other kind.");
      if (input->shape != shape || static_cast<size_t>(input->count()) != data.ElementLength()) {
        return invalid("Expected " + Json(input->count()).dump() + " values in the bound shape for input " + name + " but received " + std::to_string(data.ElementLength()) + " in another. Call bind() first.");
      }
      const char* from = static_cast<const char*>(data.ArrayBuffer().Data()) + data.ByteOffset();
      if (data.ByteLength() > 0) std::memcpy(input->data, from, data.ByteLength());
      return Status::ok();
    });
  }

  Napi::Value forward(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "forward");
    const bool training = arguments.flag("training");
    const int64_t step = arguments.integer("step", 0, int64_t{1} << 52);
    return finish(info.Env(), arguments, [&](Napi::Value&) { return program_->forward(training, static_cast<uint64_t>(step)); });
  }

  Napi::Value backward(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "backward");
    const double scale = arguments.number("scale", -1e30, 1e30);
    return finish(info.Env(), arguments, [&](Napi::Value&) { return program_->backward(static_cast<float>(scale)); });
  }

  Napi::Value zero_gradients(const Napi::CallbackInfo& info) {
    store_->zero_grad();
    return info.Env().Undefined();
  }

  Napi::Value value(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "value");
    const std::string name = arguments.text("name");
    return finish(info.Env(), arguments, [&](Napi::Value& result) -> Status {
      Expected<TensorView> view = program_->value(name);
      if (!view) return view.status();
      result = tensor_object(info.Env(), view->dtype, view->shape, view->data, static_cast<size_t>(view->count()));
      return Status::ok();
    });
  }

  Napi::Value gradient(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "gradient");
    const std::string name = arguments.text("name");
    return finish(info.Env(), arguments, [&](Napi::Value& result) -> Status {
      if (Parameter* found = store_->find(name)) {
        found->settle_gradient();
        if (found->grad.empty() && !found->value.empty()) return invalid("Expected a trainable parameter of a training program but " + name + " has no gradient.");
        result = tensor_object(info.Env(), DType::kF32, found->shape, found->grad.data(), found->grad.size());
        return Status::ok();
      }
      Expected<TensorView> view = program_->input_gradient(name);
      if (!view) return view.status();
      result = tensor_object(info.Env(), view->dtype, view->shape, view->data, static_cast<size_t>(view->count()));
      return Status::ok();
    });
  }

  Napi::Value parameter_names(const Napi::CallbackInfo& info) {
    const std::vector<Parameter>& all = store_->all();
    Napi::Array names = Napi::Array::New(info.Env(), all.size());
    for (uint32_t i = 0; i < all.size(); i++) names.Set(i, Napi::String::New(info.Env(), all[i].name));
    return names;
  }

  Napi::Value get_parameter(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "getParameter");
    const std::string name = arguments.text("name");
    return finish(info.Env(), arguments, [&](Napi::Value& result) -> Status {
      Expected<Parameter*> found = parameter(name);
      if (!found) return found.status();
      result = tensor_object(info.Env(), DType::kF32, (*found)->shape, (*found)->value.data(), (*found)->value.size());
      return Status::ok();
    });
  }

  Napi::Value set_parameter(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "setParameter");
    const std::string name = arguments.text("name");
    const Napi::TypedArray data = arguments.typed_array("data", napi_float32_array);
    return finish(info.Env(), arguments, [&](Napi::Value&) -> Status {
      Expected<Parameter*> found = parameter(name);
      if (!found) return found.status();
      std::vector<float>& value = (*found)->value;
      if (data.ElementLength() != value.size()) return invalid("Expected " + std::to_string(value.size()) + " values for parameter " + name + " but received " + std::to_string(data.ElementLength()) + ".");
      const char* from = static_cast<const char*>(data.ArrayBuffer().Data()) + data.ByteOffset();
      if (!value.empty()) std::memcpy(value.data(), from, value.size() * sizeof(float));
      return Status::ok();
    });
  }

  Napi::Value load_parameters(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "loadParameters");
    const std::string path = arguments.text("path");
    return finish(info.Env(), arguments, [&](Napi::Value& result) -> Status {
      std::vector<std::string> absent;
      ISOLENS_TRY(load_weights(path, *store_, &absent));
      Napi::Array names = Napi::Array::New(info.Env(), absent.size());
      for (uint32_t i = 0; i < absent.size(); i++) names.Set(i, Napi::String::New(info.Env(), absent[i]));
      result = names;
      return Status::ok();
    });
  }

  Napi::Value adamw(const Napi::CallbackInfo& info) {
    Arguments arguments(info, "adamwStep");
    const Json json = arguments.json("options");
    const int64_t step = arguments.integer("step", 1, int64_t{1} << 52);
    return finish(info.Env(), arguments, [&](Napi::Value& result) -> Status {
      AdamWOptions options;
      ISOLENS_TRY(parse_optimizer(json, options));
      result = Napi::Number::New(info.Env(), static_cast<double>(adamw_step(*store_, options, step, *pool_)));
      return Status::ok();
    });
  }

  // The program refers to the store and the pool: destroyed first, so declared last.
  std::unique_ptr<ThreadPool> pool_;
  std::unique_ptr<ParameterStore> store_;
  std::unique_ptr<Program> program_;
};

}  // namespace

Napi::Function define_program(Napi::Env env) { return NativeProgram::define(env); }

}  // namespace isolens::addon
