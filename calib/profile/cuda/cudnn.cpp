#include "calib/profile/cuda/cudnn.h"

#include <string>

#include "calib/profile/cuda/check.h"

namespace tideline::profile {

Cudnn::Cudnn() : library_({"libcudnn.so." + std::to_string(CUDNN_MAJOR)}) {
  library_.find("cudnnCreate", create);
  library_.find("cudnnDestroy", destroy);
  library_.find("cudnnSetStream", set_stream);
  library_.find("cudnnBackendExecute", execute);
  library_.find("cudnnBackendCreateDescriptor", descriptor_create);
  library_.find("cudnnBackendDestroyDescriptor", descriptor_destroy);
  library_.find("cudnnBackendSetAttribute", attribute_set);
  library_.find("cudnnBackendGetAttribute", attribute_get);
  library_.find("cudnnBackendFinalize", finalise);
  library_.find("cudnnGetVersion", version_);
  library_.find("cudnnGetErrorString", error_string_);
  library_.find("cudnnGetLastErrorString", last_error_);
}

void Cudnn::require(cudnnStatus_t status, Place where) const {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char last[512] = {};
  last_error_(last, sizeof last);
  const bool lost = status >= CUDNN_STATUS_EXECUTION_FAILED;  // the highest category
  throw DeviceError(to_string(where) + error_string_(status) + " " + last, lost);
}

Descriptor::Descriptor(const Cudnn& library, cudnnBackendDescriptorType_t type) : library_(&library) {
  cudnnBackendDescriptor_t made = nullptr;
  library.require(library.descriptor_create(type, &made));
  raw_ = std::shared_ptr<void>(
      made, [destroy = library.descriptor_destroy](cudnnBackendDescriptor_t d) { destroy(d); });
}

Descriptor& Descriptor::finalise() {
  library_->require(library_->finalise(raw_.get()));
  return *this;
}

bool Descriptor::try_finalise() {
  return library_->finalise(raw_.get()) == CUDNN_STATUS_SUCCESS;
}

}  // namespace tideline::profile
