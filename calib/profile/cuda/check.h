// Errors of the device and its libraries. Every call goes through one of these.
#pragma once

#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

#include "calib/profile/cuda/place.h"

namespace tideline::profile {

// The machine lacks something: one line, exit 3.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A call failed that should not have. `lost`: the device answers no more, and the run ends; otherwise only
// the point is given up, with the reason in its record.
class DeviceError : public std::runtime_error {
 public:
  explicit DeviceError(const std::string& what, bool is_lost = false)
      : std::runtime_error(what), lost(is_lost) {}
  bool lost;
};

// Errors of the runtime after which the device can be used further: the call was refused, nothing was harmed.
inline bool is_harmless(cudaError_t error) {
  const bool of_capture =
      error >= cudaErrorStreamCaptureUnsupported && error <= cudaErrorStreamCaptureWrongThread;
  return of_capture || error == cudaErrorMemoryAllocation || error == cudaErrorInvalidValue ||
         error == cudaErrorNotSupported || error == cudaErrorInvalidConfiguration;
}

inline void require(cudaError_t error, Place where = Place::here()) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // so that the next question is not answered with this error
  throw DeviceError(to_string(where) + cudaGetErrorString(error), !is_harmless(error));
}

// For kernels just queued: their configuration, and anything that went wrong before.
inline void require_queued(Place where = Place::here()) {
  require(cudaGetLastError(), where);
}

}  // namespace tideline::profile
