#include "session.h"

#include <algorithm>
#include <cstring>

#include "../elementwise.cuh"

namespace isolens::cuda {

namespace {

__global__ void set_step(uint64_t* step, uint64_t value) { *step = value; }
__global__ void set_mark(int* mark, int value) { *mark = value; }

struct FillTerm {
  float value;
  __device__ float operator()(int64_t) const { return value; }
};
struct AddTerm {
  const float* added;
  __device__ float operator()(int64_t i) const { return added[i]; }
};

TensorSpec make_spec(const IsolensCudaTensor& tensor) {
  TensorSpec spec;
  spec.dtype = tensor.is_i32 != 0 ? DType::kI32 : DType::kF32;
  spec.shape.assign(tensor.shape, tensor.shape + tensor.rank);
  spec.present = tensor.present != 0;
  spec.parameter = tensor.parameter != 0;
  return spec;
}

std::vector<TensorSpec> make_specs(const IsolensCudaNode& node) {
  std::vector<TensorSpec> specs;
  for (int i = 0; i < node.inputs; i++) specs.push_back(make_spec(node.in[i]));
  return specs;
}

}  // namespace

Session::~Session() {
  if (machine_.select() != cudaSuccess) return;
  (void)cudaStreamSynchronize(machine_.stream());
  for (Landing& landing : landings_) close_landing(&landing);
  machine_.release(arena_);
  machine_.release(workspace_);
  machine_.release(board_);
  if (mark_ != nullptr) (void)cudaFreeHost(mark_);
}

IsolensCudaStatus Session::add_node(const char* op, const char* name, const char* attributes) {
  const DeviceOpFactory make = find_device_op(op);
  if (make == nullptr) return problem(ISOLENS_CUDA_REFUSED, std::string("Node ") + name + ": operator " + op + " does not run on a CUDA device.");
  Expected<Json> json = Json::parse(attributes);
  if (!json) return problem(ISOLENS_CUDA_REFUSED, json.status().message());
  AttributeReader reader(*json);
  nodes_.push_back({op, name, make(reader)});
  return ok();
}

IsolensCudaStatus Session::open_board() {
  if (board_ != nullptr) return ok();
  cudaError_t error = machine_.select();
  if (error == cudaSuccess) error = cudaMallocHost(&mark_, sizeof(int));
  if (error != cudaSuccess) return translate(error, "The program");
  *mark_ = 0;
  const IsolensCudaStatus status = machine_.allocate(sizeof(Board), "the program", reinterpret_cast<void**>(&board_));
  if (status.code != ISOLENS_CUDA_OK) return status;
  return translate(cudaMemsetAsync(board_, 0, sizeof(Board), machine_.stream()), "The program");
}

IsolensCudaStatus Session::reserve(size_t bytes, char** place) {
  IsolensCudaStatus status = open_board();
  if (status.code == ISOLENS_CUDA_OK) status = machine_.allocate(bytes, "activations and gradients", reinterpret_cast<void**>(&arena_));
  *place = arena_;
  return status;
}

IsolensCudaStatus Session::reserve_workspace(size_t bytes, void** place) {
  if (bytes > workspace_bytes_) {
    IsolensCudaStatus status = translate(machine_.select(), "Scratch memory");
    if (status.code != ISOLENS_CUDA_OK) return status;
    (void)cudaStreamSynchronize(machine_.stream());
    machine_.release(workspace_);
    workspace_ = nullptr;
    workspace_bytes_ = 0;
    status = machine_.allocate(bytes, "the scratch of operators", &workspace_);
    if (status.code != ISOLENS_CUDA_OK) return status;
    workspace_bytes_ = bytes;
  }
  *place = workspace_;
  return ok();
}

IsolensCudaStatus Session::workspace_bytes(size_t node, const IsolensCudaNode& sizes, uint64_t* bytes) const {
  *bytes = nodes_[node].instance->workspace_bytes(make_specs(sizes), make_spec(*sizes.out), precision_);
  return ok();
}

void Session::close_landing(Landing* landing) {
  if (landing->host != nullptr) (void)cudaFreeHost(landing->host);
  machine_.release(landing->device);
  if (landing->arrived != nullptr) (void)cudaEventDestroy(landing->arrived);
  if (landing->taken != nullptr) (void)cudaEventDestroy(landing->taken);
  *landing = Landing();
}

IsolensCudaStatus Session::open_landing(Landing* landing, size_t bytes) {
  if (landing->used) (void)cudaEventSynchronize(landing->taken);
  close_landing(landing);
  cudaError_t error = cudaMallocHost(&landing->host, bytes);
  if (error == cudaSuccess) error = cudaEventCreateWithFlags(&landing->arrived, cudaEventDisableTiming);
  if (error == cudaSuccess) error = cudaEventCreateWithFlags(&landing->taken, cudaEventDisableTiming);
  if (error != cudaSuccess) return translate(error, "Memory for inputs");
  landing->bytes = bytes;
  return machine_.allocate(bytes, "inputs on their way", reinterpret_cast<void**>(&landing->device));
}

IsolensCudaStatus Session::bind(const IsolensCudaInput* inputs, size_t count) {
  cudaError_t error = machine_.select();
  if (error != cudaSuccess) return translate(error, "Inputs");
  inputs_.assign(inputs, inputs + count);
  offsets_.clear();
  size_t bytes = 0;
  for (const IsolensCudaInput& each : inputs_) {
    offsets_.push_back(bytes);
    bytes += (each.bytes + 255) / 256 * 256;
  }
  landing_ = 1 - landing_;
  Landing& landing = landings_[landing_];
  if (bytes > landing.bytes) return open_landing(&landing, bytes);
  // The host may write again what has been sent.
  return translate(landing.used ? cudaEventSynchronize(landing.arrived) : cudaSuccess, "Sending inputs");
}

IsolensCudaStatus Session::input(const IsolensCudaInput& input, void** host) {
  for (size_t i = 0; i < inputs_.size(); i++) {
    if (inputs_[i].value != input.value) continue;
    *host = landings_[landing_].host + offsets_[i];
    return ok();
  }
  return problem(ISOLENS_CUDA_REFUSED, "expected an input that was bound.");
}

cudaError_t Session::upload() {
  Landing& landing = landings_[landing_];
  if (inputs_.empty() || landing.host == nullptr) return cudaSuccess;
  // The copy to the device runs beside the step before; from there to the arena it is short.
  if (landing.used) ISOLENS_CUDA_TRY(cudaStreamWaitEvent(machine_.upload_stream(), landing.taken));
  const size_t bytes = offsets_.back() + inputs_.back().bytes;
  ISOLENS_CUDA_TRY(cudaMemcpyAsync(landing.device, landing.host, bytes, cudaMemcpyHostToDevice, machine_.upload_stream()));
  ISOLENS_CUDA_TRY(cudaEventRecord(landing.arrived, machine_.upload_stream()));
  ISOLENS_CUDA_TRY(cudaStreamWaitEvent(machine_.stream(), landing.arrived));
  for (size_t i = 0; i < inputs_.size(); i++) {
    ISOLENS_CUDA_TRY(cudaMemcpyAsync(inputs_[i].place, landing.device + offsets_[i], inputs_[i].bytes, cudaMemcpyDeviceToDevice, machine_.stream()));
  }
  landing.used = true;
  return cudaEventRecord(landing.taken, machine_.stream());
}

IsolensCudaStatus Session::begin(const IsolensCudaPass& pass, int32_t* each_node) {
  *each_node = 1;
  capturing_ = nullptr;
  training_ = pass.training != 0;
  backward_ = pass.backward != 0;
  cudaError_t error = machine_.select();
  if (error == cudaSuccess && !backward_) error = upload();
  if (error == cudaSuccess && !backward_) {
    ISOLENS_LAUNCH(set_step, 1, 1, 0, machine_.stream(), &board_->step, pass.step);
    error = cudaGetLastError();
  }
  if (error != cudaSuccess) return translate(error, running());
  CapturedPass& captured = passes_[backward_ ? 1 : 0];
  switch (profile_ ? CapturedPass::Mode::kEach : captured.next(pass.signature * 2 + static_cast<uint64_t>(pass.training))) {
    case CapturedPass::Mode::kEach: return ok();
    case CapturedPass::Mode::kCapture:
      capturing_ = &captured;
      return translate(captured.begin(machine_.stream()), "The pass");
    case CapturedPass::Mode::kReplay:
      *each_node = 0;
      return translate(captured.replay(machine_.stream()), "The pass");
  }
  return ok();
}

OpCall Session::make_call(size_t node, const IsolensCudaNode& from) const {
  OpCall call;
  call.stream = machine_.stream();
  call.precision = precision_;
  call.training = training_;
  call.seed = from.seed;
  call.step = &board_->step;
  call.node = static_cast<unsigned int>(node) + 1;
  call.fault = &board_->fault;
  call.processors = machine_.processors();
  call.in = make_specs(from);
  call.out = make_spec(*from.out);
  call.x.assign(from.x, from.x + from.inputs);
  call.y = from.y;
  call.saved = from.saved;
  call.workspace = from.workspace;
  if (!backward_) return call;
  call.dy = from.dy;
  call.dy_writable = from.dy_writable != 0;
  call.dx.assign(from.dx, from.dx + from.inputs);
  for (int i = 0; i < from.inputs; i++) call.accumulate.push_back(from.accumulate[i] != 0);
  return call;
}

IsolensCudaStatus Session::run(size_t node, bool backward, const IsolensCudaNode& from) {
  const OpCall call = make_call(node, from);
  if (capturing_ == nullptr) ISOLENS_LAUNCH(set_mark, 1, 1, 0, call.stream, mark_, static_cast<int>(node) + 1);
  cudaError_t error = backward ? nodes_[node].instance->backward(call) : nodes_[node].instance->forward(call);
  if (error == cudaSuccess) error = cudaGetLastError();
  if (error == cudaSuccess && profile_) error = cudaStreamSynchronize(call.stream);
  return translate(error, nodes_[node].title() + (backward ? ", backward" : ""));
}

IsolensCudaStatus Session::fill(float* place, float value, size_t count) {
  return translate(store_terms(place, static_cast<int64_t>(count), false, FillTerm{value}, machine_.stream()), "The program");
}

IsolensCudaStatus Session::add(float* place, const float* added, size_t count) {
  return translate(store_terms(place, static_cast<int64_t>(count), true, AddTerm{added}, machine_.stream()), "Adding gradients");
}

IsolensCudaStatus Session::end() {
  if (capturing_ == nullptr) return ok();
  CapturedPass& captured = *capturing_;
  capturing_ = nullptr;
  return translate(captured.end(machine_.stream()), "The pass");
}

std::string Session::running() const {
  const int mark = mark_ == nullptr ? 0 : *static_cast<volatile int*>(mark_);
  return mark > 0 && static_cast<size_t>(mark) <= nodes_.size() ? nodes_[mark - 1].title() : "The program";
}

// Waits for all that was set off; then knows what failed.
IsolensCudaStatus Session::wait() {
  Board board;
  cudaError_t error = machine_.select();
  if (error == cudaSuccess) error = cudaMemcpyAsync(&board, board_, sizeof board, cudaMemcpyDeviceToHost, machine_.stream());
  if (error == cudaSuccess) error = cudaStreamSynchronize(machine_.stream());
  if (error != cudaSuccess) return translate(error, running());
  if (board.fault.node == 0) return ok();
  (void)cudaMemsetAsync(&board_->fault, 0, sizeof(Fault), machine_.stream());
  const Node& node = nodes_[board.fault.node - 1];
  return problem(ISOLENS_CUDA_REFUSED, node.title() + ": " + node.instance->explain(board.fault) + ".");
}

IsolensCudaStatus Session::read(const void* place, size_t bytes, void** host) {
  const IsolensCudaStatus status = wait();
  if (status.code != ISOLENS_CUDA_OK) return status;
  std::vector<char>& copy = copies_[place];
  copy.resize(std::max<size_t>(bytes, 1));
  *host = copy.data();
  cudaError_t error = bytes == 0 ? cudaSuccess : cudaMemcpyAsync(copy.data(), place, bytes, cudaMemcpyDeviceToHost, machine_.stream());
  if (error == cudaSuccess) error = cudaStreamSynchronize(machine_.stream());
  return translate(error, running());
}

IsolensCudaStatus Session::record(Mirror& mirror, const float* const* scalars, size_t count, float share) {
  if (count > ISOLENS_CUDA_SCALARS) return problem(ISOLENS_CUDA_REFUSED, "expected at most " + std::to_string(ISOLENS_CUDA_SCALARS) + " scalars but received " + std::to_string(count) + ".");
  return translate(record_scalars(mirror.progress(), scalars, count, share, machine_.stream()), "Recording the loss");
}

}  // namespace isolens::cuda
