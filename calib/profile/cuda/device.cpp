#include "calib/profile/cuda/device.h"

#include <algorithm>
#include <cstdio>

#include "calib/profile/timing.h"
#include "sim/base/digest.h"

namespace tideline::profile {
namespace {

constexpr std::int64_t kAlignment = 256;
// The largest point (prefill attention of 32,768 tokens) takes 5.4 GB; more serves only to rotate operands.
constexpr std::int64_t kMemory = std::int64_t{12} << 30;
constexpr std::int64_t kHeadroom = std::int64_t{2} << 30;  // workspaces, flush buffer, graphs

int attribute(cudaDeviceAttr which, int ordinal) {
  int value = 0;
  require(cudaDeviceGetAttribute(&value, which, ordinal));
  return value;
}

std::string pci_of(int ordinal) {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) throw Unavailable(std::string("no GPU here: ") + cudaGetErrorString(error));
  if (ordinal >= count)
    throw Unavailable("no GPU " + std::to_string(ordinal) + " here: there are " + std::to_string(count));
  char pci[32] = {};
  require(cudaDeviceGetPCIBusId(pci, sizeof pci, ordinal));
  return pci;
}

std::string hash_of(const cudaUUID_t& uuid) {
  Digest digest;
  digest.add(std::string_view(uuid.bytes, sizeof uuid.bytes));
  char hex[20];
  std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(digest.value()));
  return hex;
}

records::Device facts_of(int ordinal, const Nvml& nvml) {
  cudaDeviceProp properties{};
  require(cudaGetDeviceProperties(&properties, ordinal));
  int runtime = 0;
  require(cudaRuntimeGetVersion(&runtime));
  records::Device f;
  f.name = properties.name;
  f.sms = properties.multiProcessorCount;
  f.compute_capability = std::to_string(properties.major) + "." + std::to_string(properties.minor);
  f.cuda = std::to_string(runtime / 1000) + "." + std::to_string(runtime % 1000 / 10);
  f.uuid_hash = hash_of(properties.uuid);
  f.l2_bytes = properties.l2CacheSize;
  f.memory_bytes = static_cast<std::int64_t>(properties.totalGlobalMem);
  f.bus_bits = properties.memoryBusWidth;
  f.ecc = properties.ECCEnabled != 0;
  f.sm_mhz_max = attribute(cudaDevAttrClockRate, ordinal) / 1000.0;
  f.memory_mhz = attribute(cudaDevAttrMemoryClockRate, ordinal) / 1000.0;
  if (const std::string driver = nvml.driver(); !driver.empty()) f.driver = driver;
  if (const double watts = nvml.power_limit_w(); watts > 0) f.power_limit_w = watts;
  if (f.compute_capability != "9.0")
    throw Unavailable(f.name + " has compute capability " + *f.compute_capability +
                      "; this program is built for 9.0 (Hopper)");
  return f;
}

}  // namespace

Device::Device(int ordinal) : nvml_(pci_of(ordinal)) {
  // Busy, or held by another program for itself.
  if (const cudaError_t error = cudaSetDevice(ordinal); error != cudaSuccess)
    throw Unavailable("GPU " + std::to_string(ordinal) + " cannot be used: " + cudaGetErrorString(error));
  facts_ = facts_of(ordinal, nvml_);
  cudaStream_t stream = nullptr;
  require(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  stream_ = std::shared_ptr<CUstream_st>(stream, [](cudaStream_t s) { cudaStreamDestroy(s); });

  std::size_t free = 0, total = 0;
  require(cudaMemGetInfo(&free, &total));
  size_ = std::min(kMemory, static_cast<std::int64_t>(free) - kHeadroom);
  if (size_ <= 0)
    throw Unavailable("the GPU's memory is in use: " + std::to_string(free >> 20) + " MB are free");
  void* memory = nullptr;
  require(cudaMalloc(&memory, static_cast<std::size_t>(size_)));
  memory_ = std::shared_ptr<char>(static_cast<char*>(memory), [](char* p) { cudaFree(p); });
}

int Device::sets_of(double bytes) const {
  // Each array is padded to kAlignment; an eighth of the memory is left for that.
  return operand_sets(bytes, static_cast<double>(*facts_.l2_bytes),
                      0.875 * static_cast<double>(size_ - used_));
}

void* Device::take(std::int64_t bytes) {
  const std::int64_t padded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (bytes < 0 || used_ + padded > size_)
    throw DeviceError("operands of " + std::to_string((used_ + padded) >> 20) + " MB do not fit in " +
                      std::to_string(size_ >> 20) + " MB");
  void* at = memory_.get() + used_;
  used_ += padded;
  return at;
}

Rotating<int> Device::random_below(int sets, std::int64_t count, unsigned limit) {
  Rotating<int> all = arrays<int>(sets, count);
  for (int* set : all.sets) kernels::launch_fill_below(set, count, ++seed_, limit, stream());
  require_queued();
  return all;
}

void Device::copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) const {
  require(cudaMemcpyAsync(to, from, bytes, kind, stream()));
  synchronise();
}

}  // namespace tideline::profile
