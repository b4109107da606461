// Copies and memset: the ceilings of memory and of the link to the host.
#include <algorithm>
#include <memory>

#include "calib/profile/families/families.h"

namespace tideline::profile {
namespace {

std::shared_ptr<char> pinned(std::int64_t bytes) {
  void* memory = nullptr;
  require(cudaMallocHost(&memory, static_cast<std::size_t>(bytes)));
  std::fill_n(static_cast<char*>(memory), bytes, char{1});
  return {static_cast<char*>(memory), [](char* p) { cudaFreeHost(p); }};
}

// The first byte of the copy is the original's; whole copies are the driver's business.
double first_byte_error(const Device& device, const char* copy, const char* original) {
  return device.fetch(copy, 0, 1) == device.fetch(original, 0, 1) ? 0.0 : 1.0;
}

}  // namespace

void run_copy(const Point& point, Bench& bench) {
  const std::int64_t bytes = point.at("bytes");
  const auto size = static_cast<std::size_t>(bytes);
  Device& device = bench.device();
  Subject subject;
  subject.operand_sets = device.sets_of(point.bytes);
  subject.layout = "contiguous";
  subject.includes = {"copy"};
  subject.implementation.library = "CUDA runtime";
  subject.implementation.version = device.facts().cuda;
  const Rotating<char> to = device.arrays<char>(subject.operand_sets, bytes);
  std::shared_ptr<char> host;

  if (point.op == "memset") {
    subject.includes = {"memset"};
    subject.enqueue = [=](cudaStream_t s, int i) { require(cudaMemsetAsync(to[i], i & 0xff, size, s)); };
  } else if (point.op == "copy_d2d") {
    const Rotating<char> from = device.arrays<char>(subject.operand_sets, bytes);
    for (char* set : from.sets)
      kernels::launch_fill(reinterpret_cast<Fp8*>(set), bytes, 1, -2, 2, device.stream());
    subject.enqueue = [=](cudaStream_t s, int i) {
      require(cudaMemcpyAsync(to[i], from[i], size, cudaMemcpyDeviceToDevice, s));
    };
    subject.error = [=, &device] {
      require(cudaMemcpyAsync(to[0], from[0], size, cudaMemcpyDeviceToDevice, device.stream()));
      return first_byte_error(device, to[0], from[0]);
    };
  } else {
    host = pinned(bytes);
    char* const memory = host.get();
    const bool down = point.op == "copy_h2d";
    subject.enqueue = [=](cudaStream_t s, int i) {
      if (down)
        require(cudaMemcpyAsync(to[i], memory, size, cudaMemcpyHostToDevice, s));
      else
        require(cudaMemcpyAsync(memory, to[i], size, cudaMemcpyDeviceToHost, s));
    };
  }
  bench.measure(point, subject);
}

}  // namespace tideline::profile
