#include "calib/profile/cuda/cublaslt.h"

#include <string>

#include "calib/profile/cuda/check.h"

namespace tideline::profile {
namespace {

static_assert(CUBLAS_VERSION >= 120900, "block-scaled FP8 needs cuBLAS 12.9 to build");
constexpr std::size_t kVersionMin = 120900;

// Structures differ between major versions: only the one that this program was built with will do.
std::string name() {
  return "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
}

}  // namespace

CublasLt::CublasLt() : library_({name()}) {
  library_.find("cublasLtMatmul", matmul);
  library_.find("cublasLtMatmulAlgoGetHeuristic", heuristic);
  library_.find("cublasLtMatmulAlgoConfigGetAttribute", algo_attribute);
  library_.find("cublasLtMatmulDescCreate", desc_create);
  library_.find("cublasLtMatmulDescDestroy", desc_destroy);
  library_.find("cublasLtMatmulDescSetAttribute", desc_set);
  library_.find("cublasLtMatrixLayoutCreate", layout_create);
  library_.find("cublasLtMatrixLayoutDestroy", layout_destroy);
  library_.find("cublasLtMatrixLayoutSetAttribute", layout_set);
  library_.find("cublasLtMatmulPreferenceCreate", preference_create);
  library_.find("cublasLtMatmulPreferenceDestroy", preference_destroy);
  library_.find("cublasLtMatmulPreferenceSetAttribute", preference_set);
  library_.find("cublasLtGetVersion", version_);
  library_.find("cublasLtGetStatusString", status_string_);
  library_.find("cublasLtCreate", create_);
  library_.find("cublasLtDestroy", destroy_);
  if (version() < kVersionMin)
    throw Unavailable(name() + " is version " + std::to_string(version()) +
                      "; FP8 block scales came with 12.9");
}

void CublasLt::require(cublasStatus_t status, Place where) const {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  // A launch that failed leaves the device in an unknown state; what was refused did not.
  const bool lost = status == CUBLAS_STATUS_EXECUTION_FAILED || status == CUBLAS_STATUS_INTERNAL_ERROR;
  throw DeviceError(to_string(where) + status_string_(status), lost);
}

}  // namespace tideline::profile
