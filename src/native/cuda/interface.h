/* What crosses the border between the engine and a device library (build/libisolens_cuda.so, or the emulated one): plain C,
 * checked by number, so that the engine runs where the library or what it needs is missing. Pointers named `place` are
 * memory of the device; every call may come from any one thread at a time. */
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised with every change of this file. */
#define ISOLENS_CUDA_ABI 3
#define ISOLENS_CUDA_RANK 8

enum {
  ISOLENS_CUDA_OK = 0,
  ISOLENS_CUDA_UNAVAILABLE,    /* no driver, an old one, or no device at all */
  ISOLENS_CUDA_NO_SUCH_DEVICE, /* there are others */
  ISOLENS_CUDA_OUT_OF_MEMORY,
  ISOLENS_CUDA_REFUSED,        /* the graph or the data */
  ISOLENS_CUDA_FAILED          /* the device; it stays unusable for this process */
};

typedef struct {
  int32_t code;
  char message[508];
} IsolensCudaStatus;

typedef struct {
  int32_t is_i32, present, parameter, rank;
  int64_t shape[ISOLENS_CUDA_RANK];
} IsolensCudaTensor;

typedef struct {
  int32_t value;
  void* place;
  uint64_t bytes;
} IsolensCudaInput;

/* One node in one direction. */
typedef struct {
  int32_t inputs;
  const IsolensCudaTensor* in;
  const IsolensCudaTensor* out;
  void* const* x;
  void* y;
  void* saved;
  void* workspace;
  float* dy;             /* backward only, as are the rest */
  float* const* dx;      /* null entries: not wanted */
  const uint8_t* accumulate;
  int32_t dy_writable;
  uint64_t seed;         /* of the node at step 0 */
} IsolensCudaNode;

typedef struct {
  int32_t backward, training;
  uint64_t step;
  uint64_t signature; /* of all sizes and pointers: passes of equal signature are the same launches */
} IsolensCudaPass;

typedef struct {
  uint64_t count;
  int64_t frozen_until; /* no step up to this one, counted from 1, changes it */
  int32_t trainable, decay;
} IsolensCudaParameter;

typedef struct {
  float learning_rate, beta1, beta2, epsilon, weight_decay, clip_norm;
} IsolensCudaAdamW;

enum { ISOLENS_CUDA_CLAMP = 0, ISOLENS_CUDA_UNIT_ROWS, ISOLENS_CUDA_AVERAGE, ISOLENS_CUDA_TAKE, ISOLENS_CUDA_SCATTER };

/* What is done to a parameter after a step, over `count` numbers. */
typedef struct {
  int32_t kind;
  float minimum, maximum, momentum;
  uint64_t parameter, count;
  uint64_t width;     /* of a row, where rows are brought to unit length or replaced */
  uint64_t followed;  /* the parameter that an average follows */
  uint64_t offset;    /* where the taken numbers go */
  const float* taken; /* memory of the device */
  const int32_t* rows; /* (taken_rows), memory of the device: which rows are replaced */
  uint64_t taken_rows;
} IsolensCudaRule;

#define ISOLENS_CUDA_SCALARS 16
typedef struct {
  double sums[ISOLENS_CUDA_SCALARS];
  float last[ISOLENS_CUDA_SCALARS];
  int64_t steps, bad_step;
  float gradient_norm;
  int32_t bad_loss;
} IsolensCudaNumbers;

typedef struct IsolensCudaDevice IsolensCudaDevice;
typedef struct IsolensCudaMirror IsolensCudaMirror;
typedef struct IsolensCudaSession IsolensCudaSession;

typedef struct {
  uint32_t abi;

  IsolensCudaStatus (*open)(int32_t index, IsolensCudaDevice** device);
  void (*close)(IsolensCudaDevice* device);
  const char* (*describe)(const IsolensCudaDevice* device);
  /* Bytes in use by this library, and the most there were since the last call. */
  void (*memory)(IsolensCudaDevice* device, uint64_t* now, uint64_t* peak);

  /* Parameters and what the optimiser keeps of them: kind 0 value, 1 gradient, 2 and 3 moments. */
  IsolensCudaStatus (*mirror_open)(IsolensCudaDevice* device, const IsolensCudaParameter* parameters, uint64_t count, IsolensCudaMirror** mirror);
  void (*mirror_close)(IsolensCudaMirror* mirror);
  float* (*mirror_place)(const IsolensCudaMirror* mirror, int32_t kind, uint64_t parameter);
  IsolensCudaStatus (*mirror_upload)(IsolensCudaMirror* mirror, int32_t kind, uint64_t parameter, const float* from);
  IsolensCudaStatus (*mirror_download)(IsolensCudaMirror* mirror, int32_t kind, uint64_t parameter, float* to);
  IsolensCudaStatus (*mirror_zero_gradients)(IsolensCudaMirror* mirror);
  IsolensCudaStatus (*mirror_step)(IsolensCudaMirror* mirror, const IsolensCudaAdamW* options, int64_t step);
  IsolensCudaStatus (*mirror_apply)(IsolensCudaMirror* mirror, const IsolensCudaRule* rule);
  IsolensCudaStatus (*mirror_take)(IsolensCudaMirror* mirror, IsolensCudaNumbers* numbers);

  /* A program's memory and nodes. */
  IsolensCudaStatus (*session_open)(IsolensCudaDevice* device, int32_t bf16, int32_t profile, IsolensCudaSession** session);
  void (*session_close)(IsolensCudaSession* session);
  IsolensCudaStatus (*session_add_node)(IsolensCudaSession* session, const char* op, const char* name, const char* attributes);
  IsolensCudaStatus (*session_reserve)(IsolensCudaSession* session, uint64_t arena, char** place);
  IsolensCudaStatus (*session_reserve_workspace)(IsolensCudaSession* session, uint64_t bytes, void** place);
  IsolensCudaStatus (*session_workspace_bytes)(const IsolensCudaSession* session, uint64_t node, const IsolensCudaNode* sizes, uint64_t* bytes);
  IsolensCudaStatus (*session_bind)(IsolensCudaSession* session, const IsolensCudaInput* inputs, uint64_t count);
  IsolensCudaStatus (*session_input)(IsolensCudaSession* session, const IsolensCudaInput* input, void** host);
  IsolensCudaStatus (*session_begin)(IsolensCudaSession* session, const IsolensCudaPass* pass, int32_t* each_node);
  IsolensCudaStatus (*session_run)(IsolensCudaSession* session, uint64_t node, int32_t backward, const IsolensCudaNode* call);
  IsolensCudaStatus (*session_fill)(IsolensCudaSession* session, float* place, float value, uint64_t count);
  IsolensCudaStatus (*session_add)(IsolensCudaSession* session, float* place, const float* added, uint64_t count);
  IsolensCudaStatus (*session_end)(IsolensCudaSession* session);
  IsolensCudaStatus (*session_read)(IsolensCudaSession* session, const void* place, uint64_t bytes, void** host);
  IsolensCudaStatus (*session_record)(IsolensCudaSession* session, IsolensCudaMirror* mirror, const float* const* scalars, uint64_t count, float share);
} IsolensCudaApi;

typedef const IsolensCudaApi* (*IsolensCudaEntry)(void);
/* The one symbol of the library. */
__attribute__((visibility("default"))) const IsolensCudaApi* isolens_cuda_api(void);

#ifdef __cplusplus
}
#endif
