// A program on the device: its arena, its operators, the way of its inputs there, and passes captured as CUDA graphs.
#pragma once
#include <map>

#include "capture.h"
#include "machine.h"
#include "mirror.h"

namespace isolens::cuda {

class Session {
 public:
  Session(Machine& machine, Precision precision, bool profile) : machine_(machine), precision_(precision), profile_(profile) {}
  ~Session();

  IsolensCudaStatus add_node(const char* op, const char* name, const char* attributes);
  IsolensCudaStatus reserve(size_t bytes, char** place);
  IsolensCudaStatus reserve_workspace(size_t bytes, void** place);
  IsolensCudaStatus workspace_bytes(size_t node, const IsolensCudaNode& sizes, uint64_t* bytes) const;
  IsolensCudaStatus bind(const IsolensCudaInput* inputs, size_t count);
  IsolensCudaStatus input(const IsolensCudaInput& input, void** host);
  IsolensCudaStatus begin(const IsolensCudaPass& pass, int32_t* each_node);
  IsolensCudaStatus run(size_t node, bool backward, const IsolensCudaNode& call);
  IsolensCudaStatus fill(float* place, float value, size_t count);
  IsolensCudaStatus add(float* place, const float* added, size_t count);
  IsolensCudaStatus end();
  IsolensCudaStatus read(const void* place, size_t bytes, void** host);
  IsolensCudaStatus record(Mirror& mirror, const float* const* scalars, size_t count, float share);

 private:
  struct Node {
    std::string op, name;
    std::unique_ptr<DeviceOp> instance;
    std::string title() const { return "Node " + name + " (" + op + ")"; }
  };
  // One of the two places that inputs are filled in, in turns: host memory, and where it lands on the device.
  struct Landing {
    char* host = nullptr;
    char* device = nullptr;
    size_t bytes = 0;
    cudaEvent_t arrived = nullptr, taken = nullptr;
    bool used = false;
  };
  // What the device keeps of a session.
  struct Board {
    uint64_t step;
    Fault fault;
  };

  IsolensCudaStatus open_board();
  IsolensCudaStatus open_landing(Landing* landing, size_t bytes);
  void close_landing(Landing* landing);
  cudaError_t upload();
  IsolensCudaStatus wait();
  std::string running() const;
  OpCall make_call(size_t node, const IsolensCudaNode& call) const;

  Machine& machine_;
  const Precision precision_;
  const bool profile_;
  std::vector<Node> nodes_;
  char* arena_ = nullptr;
  void* workspace_ = nullptr;
  size_t workspace_bytes_ = 0;
  Board* board_ = nullptr;
  int* mark_ = nullptr;  // host memory: 1 + the node that was set off last outside of captured passes
  Landing landings_[2];
  int landing_ = 0;
  std::vector<IsolensCudaInput> inputs_;
  std::vector<size_t> offsets_;  // of inputs in a landing
  std::map<const void*, std::vector<char>> copies_;
  bool training_ = false, backward_ = false;
  CapturedPass passes_[2];
  CapturedPass* capturing_ = nullptr;
};

}  // namespace isolens::cuda
