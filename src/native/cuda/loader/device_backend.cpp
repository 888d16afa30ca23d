#include "device_backend.h"

#include <algorithm>

namespace isolens {

namespace {

class DeviceBackend final : public Backend {
 public:
  explicit DeviceBackend(std::shared_ptr<DeviceHandle> handle) : handle_(std::move(handle)), description_(handle_->api.describe(handle_->device)) {}
  const std::string& description() const override { return description_; }
  std::unique_ptr<Execution> make_execution(const ProgramOptions& options) override { return make_device_execution(handle_, options); }

 private:
  const std::shared_ptr<DeviceHandle> handle_;
  const std::string description_;
};

IsolensCudaTensor tensor_of(const TensorSpec& spec) {
  IsolensCudaTensor tensor = {};
  tensor.is_i32 = spec.dtype == DType::kI32 ? 1 : 0;
  tensor.present = spec.present ? 1 : 0;
  tensor.parameter = spec.parameter ? 1 : 0;
  tensor.rank = static_cast<int32_t>(spec.shape.size());
  for (size_t i = 0; i < spec.shape.size() && i < ISOLENS_CUDA_RANK; i++) tensor.shape[i] = spec.shape[i];
  return tensor;
}

// Sizes of a node in the interface's words; alive as long as what points to it.
struct NodeSizes {
  std::vector<IsolensCudaTensor> in;
  IsolensCudaTensor out;
  IsolensCudaNode node = {};
  NodeSizes(const std::vector<TensorSpec>& specs, const TensorSpec& output) : out(tensor_of(output)) {
    for (const TensorSpec& spec : specs) in.push_back(tensor_of(spec));
    node.inputs = static_cast<int32_t>(in.size());
    node.in = in.data();
    node.out = &out;
  }
  NodeSizes(const NodeSizes&) = delete;
  NodeSizes& operator=(const NodeSizes&) = delete;
};

class DeviceExecution final : public Execution {
 public:
  DeviceExecution(std::shared_ptr<DeviceHandle> handle, const ProgramOptions& options) : handle_(std::move(handle)), api_(handle_->api) {
    opened_ = to_status(api_.session_open(handle_->device, options.precision == Precision::kBf16 ? 1 : 0, options.profile ? 1 : 0, &session_));
  }
  ~DeviceExecution() override {
    if (session_ != nullptr) api_.session_close(session_);
  }

  Status open_nodes(const std::vector<GraphNode>& nodes) override {
    ISOLENS_TRY(opened_);
    for (const GraphNode& node : nodes) {
      const std::string attributes = node.attributes.is_null() ? "{}" : node.attributes.dump();
      ISOLENS_TRY(to_status(api_.session_add_node(session_, node.op.c_str(), node.name.c_str(), attributes.c_str())));
    }
    return Status::ok();
  }
  Status reserve(size_t bytes) override {
    arena_bytes_ = bytes;
    return to_status(api_.session_reserve(session_, bytes, &arena_));
  }
  Status reserve_workspace(size_t bytes) override {
    workspace_bytes_ = std::max(workspace_bytes_, bytes);
    return to_status(api_.session_reserve_workspace(session_, bytes, &workspace_));
  }
  char* arena() const override { return arena_; }
  void* workspace() const override { return workspace_; }
  size_t memory_bytes() const override { return arena_bytes_ + workspace_bytes_; }
  size_t workspace_bytes(size_t node, const std::vector<TensorSpec>& in, const TensorSpec& out) const override {
    const NodeSizes sizes(in, out);
    uint64_t bytes = 0;
    const Status status = to_status(api_.session_workspace_bytes(session_, node, &sizes.node, &bytes));
    return status.is_ok() ? bytes : 0;
  }

  Status bind(const std::vector<InputPlace>& inputs, uint64_t signature) override {
    std::vector<IsolensCudaInput> list;
    for (const InputPlace& each : inputs) list.push_back({each.value, each.place, each.bytes});
    signature_ = signature;
    return to_status(api_.session_bind(session_, list.data(), list.size()));
  }
  Expected<void*> input(const InputPlace& input) override {
    const IsolensCudaInput asked{input.value, input.place, input.bytes};
    void* host = nullptr;
    ISOLENS_TRY(to_status(api_.session_input(session_, &asked, &host)));
    return host;
  }
  Expected<void*> read(const void* place, size_t bytes) override {
    void* host = nullptr;
    ISOLENS_TRY(to_status(api_.session_read(session_, place, bytes, &host)));
    return host;
  }

  Status open_parameters(ParameterStore& store) override {
    if (store.mirror() == nullptr) store.mirror() = std::make_shared<DeviceMirror>(handle_, store);
    mirror_ = std::dynamic_pointer_cast<DeviceMirror>(store.mirror());
    if (mirror_ == nullptr || &mirror_->device() != handle_.get()) return Status(Code::kArgumentInvalid, "expected all programs of a run on one device.");
    return mirror_->open();
  }
  float* parameter_value(ParameterStore&, size_t index) const override { return mirror_->place(0, index); }
  float* parameter_gradient(ParameterStore&, size_t index) const override { return mirror_->place(1, index); }

  Expected<bool> begin(Pass pass, bool training, uint64_t step) override {
    step_ = step;
    // Both write to the store's numbers: running statistics, gradients.
    if (training) mirror_->device_writes();
    const uint64_t signature = signature_ * 0x9e3779b97f4a7c15ull + mirror_->generation() * 0xd1342543de82ef95ull + workspace_bytes_;
    const IsolensCudaPass asked{pass == Pass::kBackward ? 1 : 0, training ? 1 : 0, step, signature};
    int32_t each = 1;
    ISOLENS_TRY(to_status(api_.session_begin(session_, &asked, &each)));
    return each != 0;
  }
  Status forward(size_t node, OpContext& context) override { return run(node, context, false); }
  Status backward(size_t node, OpContext& context) override { return run(node, context, true); }
  Status fill(float* place, float value, int64_t count) override { return to_status(api_.session_fill(session_, place, value, static_cast<uint64_t>(count))); }
  Status add(float* target, const float* added, int64_t count) override {
    return to_status(api_.session_add(session_, target, added, static_cast<uint64_t>(count)));
  }
  Status end() override { return to_status(api_.session_end(session_)); }
  Status take(ParameterStore&, size_t index, int64_t offset, const float* from, int64_t count) override { return mirror_->take(index, offset, from, count); }
  Status scatter(ParameterStore&, size_t index, const int32_t* rows, const float* from, int64_t count) override { return mirror_->scatter(index, rows, from, count); }
  Status record(const std::vector<const float*>& scalars, float share) override {
    mirror_->expect_scalars(scalars.size());
    return to_status(api_.session_record(session_, mirror_->handle(), scalars.data(), scalars.size(), share));
  }

 private:
  Status run(size_t node, const OpContext& context, bool backward) {
    NodeSizes sizes(context.in, context.out);
    IsolensCudaNode& call = sizes.node;
    call.x = context.x.data();
    call.y = context.y;
    call.saved = context.saved;
    call.workspace = context.workspace;
    call.seed = context.seed - step_ * kStepStride;
    std::vector<uint8_t> accumulate(context.accumulate.begin(), context.accumulate.end());
    if (backward) {
      call.dy = context.dy;
      call.dx = context.dx.data();
      call.accumulate = accumulate.data();
      call.dy_writable = context.dy_writable ? 1 : 0;
      mirror_->device_writes();
    }
    return to_status(api_.session_run(session_, node, backward ? 1 : 0, &call));
  }

  const std::shared_ptr<DeviceHandle> handle_;
  const IsolensCudaApi& api_;
  std::shared_ptr<DeviceMirror> mirror_;
  IsolensCudaSession* session_ = nullptr;
  Status opened_;
  char* arena_ = nullptr;
  void* workspace_ = nullptr;
  size_t arena_bytes_ = 0, workspace_bytes_ = 0;
  uint64_t signature_ = 0, step_ = 0;
};

}  // namespace

Status to_status(const IsolensCudaStatus& status) {
  switch (status.code) {
    case ISOLENS_CUDA_OK: return Status::ok();
    case ISOLENS_CUDA_UNAVAILABLE:
    case ISOLENS_CUDA_NO_SUCH_DEVICE: return Status(Code::kDeviceUnavailable, status.message);
    case ISOLENS_CUDA_OUT_OF_MEMORY: return Status(Code::kDeviceOutOfMemory, status.message);
    case ISOLENS_CUDA_REFUSED: return Status(Code::kGraphInvalid, status.message);
    default: return Status(Code::kDeviceFailed, status.message);
  }
}

Expected<std::shared_ptr<Backend>> open_backend(const IsolensCudaApi& api, int index) {
  auto handle = std::make_shared<DeviceHandle>(api);
  ISOLENS_TRY(to_status(api.open(index, &handle->device)));
  return std::shared_ptr<Backend>(std::make_shared<DeviceBackend>(std::move(handle)));
}

std::unique_ptr<Execution> make_device_execution(std::shared_ptr<DeviceHandle> handle, const ProgramOptions& options) {
  return std::make_unique<DeviceExecution>(std::move(handle), options);
}

}  // namespace isolens
