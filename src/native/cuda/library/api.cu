// The table of the interface. Nothing throws across it.
#include <new>

#include "session.h"

using isolens::cuda::Machine;
using isolens::cuda::Mirror;
using isolens::cuda::ok;
using isolens::cuda::problem;
using isolens::cuda::Session;

struct IsolensCudaDevice : Machine {};
struct IsolensCudaMirror : Mirror {
  using Mirror::Mirror;
};
struct IsolensCudaSession : Session {
  using Session::Session;
};

namespace {

template <typename Work>
IsolensCudaStatus guarded(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return problem(ISOLENS_CUDA_OUT_OF_MEMORY, "out of memory on the host.");
  } catch (...) {
    return problem(ISOLENS_CUDA_FAILED, "an exception in the device library.");
  }
}

// Makes an object, opens it, and hands it out or deletes it.
template <typename T, typename Make, typename Open>
IsolensCudaStatus open_object(T** out, const Make& make, const Open& open) {
  *out = nullptr;
  return guarded([&] {
    T* made = make();
    const IsolensCudaStatus status = open(*made);
    if (status.code == ISOLENS_CUDA_OK) {
      *out = made;
    } else {
      delete made;
    }
    return status;
  });
}

IsolensCudaApi make_api() {
  IsolensCudaApi api = {};
  api.abi = ISOLENS_CUDA_ABI;
  api.open = [](int32_t index, IsolensCudaDevice** device) {
    return open_object(device, [] { return new IsolensCudaDevice(); }, [&](IsolensCudaDevice& made) { return made.open(index); });
  };
  api.close = [](IsolensCudaDevice* device) { delete device; };
  api.describe = [](const IsolensCudaDevice* device) { return device->description().c_str(); };
  api.memory = [](IsolensCudaDevice* device, uint64_t* now, uint64_t* peak) { device->memory(now, peak); };

  api.mirror_open = [](IsolensCudaDevice* device, const IsolensCudaParameter* parameters, uint64_t count, IsolensCudaMirror** mirror) {
    return open_object(mirror, [&] { return new IsolensCudaMirror(*device); }, [&](IsolensCudaMirror& made) { return made.open(parameters, count); });
  };
  api.mirror_close = [](IsolensCudaMirror* mirror) { delete mirror; };
  api.mirror_place = [](const IsolensCudaMirror* mirror, int32_t kind, uint64_t parameter) { return mirror->place(kind, parameter); };
  api.mirror_upload = [](IsolensCudaMirror* mirror, int32_t kind, uint64_t parameter, const float* from) { return mirror->upload(kind, parameter, from); };
  api.mirror_download = [](IsolensCudaMirror* mirror, int32_t kind, uint64_t parameter, float* to) { return mirror->download(kind, parameter, to); };
  api.mirror_zero_gradients = [](IsolensCudaMirror* mirror) { return mirror->zero_gradients(); };
  api.mirror_step = [](IsolensCudaMirror* mirror, const IsolensCudaAdamW* options, int64_t step) {
    return guarded([&] { return mirror->step(*options, step); });
  };
  api.mirror_apply = [](IsolensCudaMirror* mirror, const IsolensCudaRule* rule) { return guarded([&] { return mirror->apply(*rule); }); };
  api.mirror_take = [](IsolensCudaMirror* mirror, IsolensCudaNumbers* numbers) { return mirror->take(numbers); };

  api.session_open = [](IsolensCudaDevice* device, int32_t bf16, int32_t profile, IsolensCudaSession** session) {
    const isolens::Precision precision = bf16 != 0 ? isolens::Precision::kBf16 : isolens::Precision::kF32;
    return open_object(session, [&] { return new IsolensCudaSession(*device, precision, profile != 0); }, [](IsolensCudaSession&) { return ok(); });
  };
  api.session_close = [](IsolensCudaSession* session) { delete session; };
  api.session_add_node = [](IsolensCudaSession* session, const char* op, const char* name, const char* attributes) {
    return guarded([&] { return session->add_node(op, name, attributes); });
  };
  api.session_reserve = [](IsolensCudaSession* session, uint64_t bytes, char** place) { return guarded([&] { return session->reserve(bytes, place); }); };
  api.session_reserve_workspace = [](IsolensCudaSession* session, uint64_t bytes, void** place) {
    return guarded([&] { return session->reserve_workspace(bytes, place); });
  };
  api.session_workspace_bytes = [](const IsolensCudaSession* session, uint64_t node, const IsolensCudaNode* sizes, uint64_t* bytes) {
    return guarded([&] { return session->workspace_bytes(node, *sizes, bytes); });
  };
  api.session_bind = [](IsolensCudaSession* session, const IsolensCudaInput* inputs, uint64_t count) {
    return guarded([&] { return session->bind(inputs, count); });
  };
  api.session_input = [](IsolensCudaSession* session, const IsolensCudaInput* input, void** host) { return session->input(*input, host); };
  api.session_begin = [](IsolensCudaSession* session, const IsolensCudaPass* pass, int32_t* each) { return guarded([&] { return session->begin(*pass, each); }); };
  api.session_run = [](IsolensCudaSession* session, uint64_t node, int32_t backward, const IsolensCudaNode* call) {
    return guarded([&] { return session->run(node, backward != 0, *call); });
  };
  api.session_fill = [](IsolensCudaSession* session, float* place, float value, uint64_t count) { return session->fill(place, value, count); };
  api.session_add = [](IsolensCudaSession* session, float* place, const float* added, uint64_t count) { return session->add(place, added, count); };
  api.session_end = [](IsolensCudaSession* session) { return session->end(); };
  api.session_read = [](IsolensCudaSession* session, const void* place, uint64_t bytes, void** host) {
    return guarded([&] { return session->read(place, bytes, host); });
  };
  api.session_record = [](IsolensCudaSession* session, IsolensCudaMirror* mirror, const float* const* scalars, uint64_t count, float share) {
    return guarded([&] { return session->record(*mirror, scalars, count, share); });
  };
  return api;
}

}  // namespace

const IsolensCudaApi* isolens_cuda_api(void) {
  static const IsolensCudaApi api = make_api();
  return &api;
}
