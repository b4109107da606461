// Apart from the rest of CublasLt because it alone needs a device: a rehearsal without one has its own.
#include "calib/profile/cuda/cublaslt.h"

namespace tideline::profile {

void CublasLt::create_handle() {
  cublasLtHandle_t handle = nullptr;
  require(create_(&handle));
  handle_ =
      std::shared_ptr<cublasLtContext>(handle, [destroy = destroy_](cublasLtHandle_t h) { destroy(h); });
}

}  // namespace tideline::profile
