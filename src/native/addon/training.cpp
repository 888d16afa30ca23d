// A training run on a thread of its own. Everything a run needs lives in its Run object, so that any number of runs and of
// JavaScript threads go side by side.
#include "training.h"

#include <atomic>
#include <memory>
#include <thread>

#include "../train/trainer.h"
#include "convert.h"

namespace isolens::addon {
namespace {

struct Run {
  explicit Run(Napi::Env env) : deferred(Napi::Promise::Deferred::New(env)) {}

  // Shared with cancel(), which may be called when the run is long gone.
  const std::shared_ptr<std::atomic<bool>> cancelled = std::make_shared<std::atomic<bool>>(false);
  std::thread thread;
  napi_threadsafe_function channel = nullptr;
  Napi::FunctionReference on_event;
  Napi::Promise::Deferred deferred;
};

// What travels from the training thread to JavaScript: an event, or the end of the run.
struct Message {
  Run* run;
  bool end = false;
  Status status;
  std::string text;
};

void settle(Napi::Env env, const Message& message) {
  if (message.status.is_ok()) {
    message.run->deferred.Resolve(Napi::String::New(env, message.text));
    return;
  }
  Napi::Error error = Napi::Error::New(env, message.status.message());
  error.Set("code", Napi::String::New(env, code_name(message.status.code())));
  message.run->deferred.Reject(error.Value());
}

// On the JavaScript thread; env is null while the environment is being torn down.
void deliver(napi_env raw, napi_value, void*, void* data) {
  const std::unique_ptr<Message> message(static_cast<Message*>(data));
  if (raw == nullptr) return;
  const Napi::Env env(raw);
  const Napi::HandleScope scope(env);
  if (message->end) {
    settle(env, *message);
  } else {
    // Plain Node-API: the call fails in an environment that is ending, and there an error could not be thrown either.
    napi_value text = Napi::String::New(env, message->text), result = nullptr;
    (void)napi_call_function(env, env.Undefined(), message->run->on_event.Value(), 1, &text, &result);
  }
}

void send(Run* run, std::unique_ptr<Message> message) {
  // The queue has no limit, so this never waits and never fails while the environment lives.
  if (napi_call_threadsafe_function(run->channel, message.get(), napi_tsfn_nonblocking) == napi_ok) message.release();
}

void work(Run* run, const Json& config) {
  TrainHooks hooks;
  hooks.cancelled = run->cancelled.get();
  hooks.event = [run](const Json& event) { send(run, std::unique_ptr<Message>(new Message{run, false, {}, event.dump()})); };
  std::string text;
  const Status status = guarded([&]() -> Status {
    Expected<Json> summary = run_training(config, hooks);
    if (!summary) return summary.status();
    text = summary->dump();
    return Status::ok();
  });
  send(run, std::unique_ptr<Message>(new Message{run, true, status, text}));
  napi_release_threadsafe_function(run->channel, napi_tsfn_release);
}

// The environment ends (worker terminated, process.exit()): the thread must be gone before the addon's code may be unloaded.
void stop(void* data) {
  Run* run = static_cast<Run*>(data);
  *run->cancelled = true;
  if (run->thread.joinable()) run->thread.join();
}

// The channel is closed: after the run, or when the environment ends.
void finalise(napi_env env, void* data, void*) {
  Run* run = static_cast<Run*>(data);
  napi_remove_env_cleanup_hook(env, stop, run);
  if (run->thread.joinable()) run->thread.join();
  delete run;
}

}  // namespace

Napi::Value start_training(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Arguments arguments(info, "train");
  Json config = arguments.json("config");
  const Napi::Function on_event = arguments.function("onEvent");
  if (!arguments.status().is_ok()) return raise(env, arguments.status());

  Run* run = new Run(env);
  run->on_event = Napi::Persistent(on_event);
  const Napi::Value promise = run->deferred.Promise();
  if (napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "isolens training"), 0, 1, run, finalise, nullptr, deliver,
                                      &run->channel) != napi_ok) {
    delete run;
    return raise(env, Status(Code::kNativeFailed, "Expected to open a channel for training events but Node.js refused."));
  }
  // Hooks run last in, first out: this one before the channel's own.
  napi_add_env_cleanup_hook(env, stop, run);
  const Status started = guarded([&] {
    run->thread = std::thread([run, config = std::move(config)] { work(run, config); });
    return Status::ok();
  });
  if (!started.is_ok()) {
    napi_release_threadsafe_function(run->channel, napi_tsfn_abort);  // finalise() deletes the run
    return raise(env, started);
  }

  Napi::Object handle = Napi::Object::New(env);
  handle.Set("promise", promise);
  handle.Set("cancel", Napi::Function::New(env, [cancelled = run->cancelled](const Napi::CallbackInfo&) { *cancelled = true; }));
  return handle;
}

}  // namespace isolens::addon
