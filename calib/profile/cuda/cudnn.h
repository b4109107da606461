// The functions of cuDNN's graph API that are used, from the library that this machine has, and descriptors
// that destroy themselves. No cudnn-frontend.
#pragma once

#include <cudnn.h>
#include <cudnn_graph.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "calib/profile/cuda/library.h"
#include "calib/profile/cuda/place.h"

namespace tideline::profile {

class Cudnn {
 public:
  // Fails: Unavailable when the library is not there.
  Cudnn();
  [[nodiscard]] std::size_t version() const { return version_(); }
  // Fails: DeviceError with the name of the status and cuDNN's own last word.
  void require(cudnnStatus_t status, Place where = Place::here()) const;

  decltype(&cudnnCreate) create;
  decltype(&cudnnDestroy) destroy;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnBackendExecute) execute;
  decltype(&cudnnBackendCreateDescriptor) descriptor_create;
  decltype(&cudnnBackendDestroyDescriptor) descriptor_destroy;
  decltype(&cudnnBackendSetAttribute) attribute_set;
  decltype(&cudnnBackendGetAttribute) attribute_get;
  decltype(&cudnnBackendFinalize) finalise;

 private:
  SharedLibrary library_;
  decltype(&cudnnGetVersion) version_;
  decltype(&cudnnGetErrorString) error_string_;
  decltype(&cudnnGetLastErrorString) last_error_;
};

// One backend descriptor: set its attributes, then finalise it. Copies share it.
class Descriptor {
 public:
  Descriptor(const Cudnn& library, cudnnBackendDescriptorType_t type);

  template <class T>
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                  const std::vector<T>& values) {
    library_->require(library_->attribute_set(raw_.get(), name, type,
                                              static_cast<std::int64_t>(values.size()), values.data()));
    return *this;
  }
  Descriptor& set(cudnnBackendAttributeName_t name, std::int64_t value) {
    return one(name, CUDNN_TYPE_INT64, value);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, bool value) {
    return one(name, CUDNN_TYPE_BOOLEAN, value);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnDataType_t value) {
    return one(name, CUDNN_TYPE_DATA_TYPE, value);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnPointwiseMode_t value) {
    return one(name, CUDNN_TYPE_POINTWISE_MODE, value);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnReduceTensorOp_t value) {
    return one(name, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, value);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendHeurMode_t value) {
    return one(name, CUDNN_TYPE_HEUR_MODE, value);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnHandle_t value) {
    return one(name, CUDNN_TYPE_HANDLE, value);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, void* value) {
    return one(name, CUDNN_TYPE_VOID_PTR, value);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const Descriptor& value) {
    return one(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, value.raw());
  }
  Descriptor& finalise();
  // Like finalise(), but a refusal is an answer.
  [[nodiscard]] bool try_finalise();

  [[nodiscard]] cudnnBackendDescriptor_t raw() const { return raw_.get(); }

 private:
  template <class T>
  Descriptor& one(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const T& value) {
    library_->require(library_->attribute_set(raw_.get(), name, type, 1, &value));
    return *this;
  }

  const Cudnn* library_;
  std::shared_ptr<void> raw_;
};

}  // namespace tideline::profile
