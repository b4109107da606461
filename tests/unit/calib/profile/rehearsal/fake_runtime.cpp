#include "tests/unit/calib/profile/rehearsal/fake_runtime.h"

#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>

#include "calib/profile/kernels/launch.h"

struct CUevent_st {
  double us = 0;
};
struct CUgraph_st {
  std::int64_t launches = 0;
};
struct CUgraphExec_st {
  std::int64_t launches = 0;
};

namespace tideline::rehearsal {

Counts counts;
bool computing = false, busy = false, lost = false;
std::size_t faulty_bytes = 0;

namespace {

constexpr double kLaunchUs = 5.0, kHostUs = 0.5;  // on the device; to launch a node of a graph
double clock_us = 0;
CUgraph_st* capturing = nullptr;
int* held_by = nullptr;  // the flag of block_stream
std::map<const char*, std::int64_t> allocations;
std::set<std::string> loaded;

bool held() {
  if (held_by != nullptr && *held_by != 0) held_by = nullptr;  // let go once is let go for good
  return held_by != nullptr;
}

void* allocate(std::size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  allocations[static_cast<const char*>(at)] = static_cast<std::int64_t>(bytes);
  counts.allocated += static_cast<std::int64_t>(bytes);
  return at;
}

cudaError_t release(void* at) {
  const auto found = allocations.find(static_cast<const char*>(at));
  if (found == allocations.end()) throw Broken("freed what was not allocated");
  munmap(at, static_cast<std::size_t>(found->second));
  allocations.erase(found);
  return cudaSuccess;
}

void wait_for_device() {
  if (held()) throw Broken("the host waits for a stream that it holds");
  if (capturing != nullptr) throw Broken("the host waits in the middle of a capture");
}

}  // namespace

void queue(const char* what) {
  ++counts.launches;
  if (capturing != nullptr) {
    ++capturing->launches;
    ++counts.captured;
    return;
  }
  if (loaded.insert(what).second && held())
    throw Broken(std::string(what) + " is loaded behind a held stream");
  clock_us += kLaunchUs;
}

bool computes_now() {
  return computing && capturing == nullptr && !held();
}

void require_inside(const void* begin, std::int64_t bytes, const char* what) {
  const auto* at = static_cast<const char*>(begin);
  auto after = allocations.upper_bound(at);
  if (after == allocations.begin()) throw Broken(std::string(what) + " is no memory of the device");
  --after;
  if (at + bytes > after->first + after->second)
    throw Broken(std::string(what) + " reaches past its allocation");
}

}  // namespace tideline::rehearsal

using namespace tideline::rehearsal;

// The launches of kernels/launch_timing.cu.
namespace tideline::profile::kernels {

void launch_nothing(cudaStream_t) {
  queue("nothing");
}
void launch_block_stream(int* flag, std::int64_t, cudaStream_t) {
  if (capturing != nullptr) throw Broken("a stream is held in a capture");
  require_inside(flag, 2 * sizeof *flag, "the flag that holds the stream");
  held_by = flag;
}
void launch_stamp(unsigned long long* out, int, cudaStream_t) {
  require_inside(out, 2 * sizeof *out, "a stamp");
  queue("stamp");
  out[0] = static_cast<unsigned long long>(clock_us * 1e3) + 1;
  out[1] = static_cast<unsigned long long>(clock_us * 1.5e3);  // 1,500 MHz
}
void launch_read_all(const void* x, std::int64_t bytes, unsigned*, cudaStream_t) {
  require_inside(x, bytes, "what a flush reads");
  queue("read_all");
}

}  // namespace tideline::profile::kernels

extern "C" {

cudaError_t cudaGetLastError() {
  return cudaSuccess;
}
const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaSuccess ? "no error" : "busy or unavailable";
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int) {
  return busy ? cudaErrorDevicesUnavailable : cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* text, int size, int) {
  std::strncpy(text, "0000:00:00.0", static_cast<std::size_t>(size));
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int) {
  std::strcpy(p->name, "NVIDIA H200 (rehearsal)");
  p->major = 9;
  p->multiProcessorCount = 132;
  p->l2CacheSize = 1 << 20;  // small, so that few sets of operands have to be filled
  p->totalGlobalMem = std::size_t{150} << 30;
  p->memoryBusWidth = 6144;
  p->ECCEnabled = 1;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
  *value = 1980000;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *free = *total = std::size_t{140} << 30;
  return cudaSuccess;
}
cudaError_t cudaMalloc(void** at, std::size_t bytes) {
  *at = allocate(bytes);
  return cudaSuccess;
}
cudaError_t cudaFree(void* at) {
  return release(at);
}
cudaError_t cudaMallocHost(void** at, std::size_t bytes) {
  *at = allocate(bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* at) {
  return release(at);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t) {
  const auto size = static_cast<std::int64_t>(bytes);
  if (kind != cudaMemcpyDeviceToHost) require_inside(to, size, "what a copy writes");
  if (kind != cudaMemcpyHostToDevice) require_inside(from, size, "what a copy reads");
  queue("copy");
  if (kind == cudaMemcpyHostToDevice && bytes == faulty_bytes) lost = true;
  if (computes_now()) std::memcpy(to, from, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* at, int, std::size_t bytes, cudaStream_t) {
  require_inside(at, static_cast<std::int64_t>(bytes), "what memset writes");
  queue("memset");
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = reinterpret_cast<cudaStream_t>(std::malloc(1));
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  std::free(reinterpret_cast<void*>(stream));
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  wait_for_device();
  return lost ? cudaErrorIllegalAddress : cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) {
  return cudaSuccess;
}
cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  if (capturing != nullptr) throw Broken("a capture inside a capture");
  capturing = new CUgraph_st;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  *graph = capturing;
  capturing = nullptr;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  *exec = new CUgraphExec_st{graph->launches};
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  delete exec;
  return cudaSuccess;
}
cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) {
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t) {
  if (capturing != nullptr) throw Broken("a graph is launched inside a capture");
  if (exec->launches == 0) throw Broken("an empty graph is launched");
  ++counts.replays;
  clock_us += kLaunchUs + (kLaunchUs + (held() ? 0.0 : kHostUs)) * static_cast<double>(exec->launches);
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return cudaEventCreate(event);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  event->us = clock_us;
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t begin, cudaEvent_t end) {
  *ms = static_cast<float>((end->us - begin->us) * 1e-3);
  return cudaSuccess;
}
}
