// The functions of cuBLASLt that are used, from the library that this machine has.
#pragma once

#include <cublasLt.h>

#include <cstddef>
#include <memory>

#include "calib/profile/cuda/library.h"
#include "calib/profile/cuda/place.h"

namespace tideline::profile {

class CublasLt {
 public:
  // Fails: Unavailable when the library is not there, or older than 12.9, which brought block scales to
  // Hopper.
  CublasLt();
  // Needs a current device.
  void create_handle();

  [[nodiscard]] cublasLtHandle_t handle() const { return handle_.get(); }
  [[nodiscard]] std::size_t version() const { return version_(); }
  // Fails: DeviceError with the name of the status.
  void require(cublasStatus_t status, Place where = Place::here()) const;

  decltype(&cublasLtMatmul) matmul;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic;
  decltype(&cublasLtMatmulAlgoConfigGetAttribute) algo_attribute;
  decltype(&cublasLtMatmulDescCreate) desc_create;
  decltype(&cublasLtMatmulDescDestroy) desc_destroy;
  decltype(&cublasLtMatmulDescSetAttribute) desc_set;
  decltype(&cublasLtMatrixLayoutCreate) layout_create;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy;
  decltype(&cublasLtMatrixLayoutSetAttribute) layout_set;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set;

 private:
  SharedLibrary library_;
  decltype(&cublasLtGetVersion) version_;
  decltype(&cublasLtGetStatusString) status_string_;
  decltype(&cublasLtCreate) create_;
  decltype(&cublasLtDestroy) destroy_;
  std::shared_ptr<cublasLtContext> handle_;
};

}  // namespace tideline::profile
