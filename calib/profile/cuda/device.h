// The GPU that a run measures on: its facts, one stream, and one block of memory that points share in turn.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "calib/profile/cuda/check.h"
#include "calib/profile/cuda/nvml.h"
#include "calib/profile/kernels/launch.h"
#include "calib/profile/record.h"

namespace tideline::profile {

// One array for each set of operands; launch i uses set i modulo their number.
template <class T>
struct Rotating {
  std::vector<T*> sets;
  T* operator[](int launch) const { return sets[static_cast<std::size_t>(launch) % sets.size()]; }
};

class Device {
 public:
  // Fails: Unavailable when there is no GPU, no device `ordinal`, or it is not a Hopper (compute
  // capability 9.0).
  explicit Device(int ordinal);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] const records::Device& facts() const { return facts_; }
  [[nodiscard]] cudaStream_t stream() const { return stream_.get(); }
  [[nodiscard]] const Nvml& nvml() const { return nvml_; }

  // The memory that points share. All of it is free again after release().
  void release() { used_ = 0; }
  // How many sets of operands of `bytes` to rotate over (timing.h).
  [[nodiscard]] int sets_of(double bytes) const;
  // 256-byte aligned. Fails: DeviceError when it does not fit.
  void* take(std::int64_t bytes);
  template <class T>
  T* array(std::int64_t count) {
    return static_cast<T*>(take(count * static_cast<std::int64_t>(sizeof(T))));
  }
  template <class T>
  Rotating<T> arrays(int sets, std::int64_t count) {
    Rotating<T> all;
    for (int s = 0; s < sets; ++s) all.sets.push_back(array<T>(count));
    return all;
  }
  // The same, filled with random numbers in [low, high).
  template <class T>
  Rotating<T> random(int sets, std::int64_t count, float low, float high) {
    Rotating<T> all = arrays<T>(sets, count);
    for (T* set : all.sets) kernels::launch_fill(set, count, ++seed_, low, high, stream());
    require_queued();
    return all;
  }
  // Integers in [0, limit).
  Rotating<int> random_below(int sets, std::int64_t count, unsigned limit);

  // The values given, on the device.
  template <class T>
  T* upload(const std::vector<T>& values) {
    T* at = array<T>(static_cast<std::int64_t>(values.size()));
    copy(at, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice);
    return at;
  }

  // A copy on the host, after everything queued. [begin, begin + count).
  template <class T>
  std::vector<T> fetch(const T* from, std::int64_t begin, std::int64_t count) const {
    std::vector<T> host(static_cast<std::size_t>(count));
    copy(host.data(), from + begin, host.size() * sizeof(T), cudaMemcpyDeviceToHost);
    return host;
  }
  void synchronise() const { require(cudaStreamSynchronize(stream())); }

 private:
  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) const;

  records::Device facts_;
  Nvml nvml_;
  std::shared_ptr<CUstream_st> stream_;
  std::shared_ptr<char> memory_;
  std::int64_t size_ = 0, used_ = 0;
  unsigned seed_ = 0;
};

}  // namespace tideline::profile
