#include "calib/profile/cuda/timer.h"

#include <algorithm>
#include <atomic>

namespace tideline::profile {
namespace {

constexpr int kBatch = 8;  // samples behind one held stream; the launch queue must not fill up
constexpr std::int64_t kPatienceNs = 3'000'000'000;
constexpr std::int64_t kFlushBytesMin = std::int64_t{256} << 20;

std::shared_ptr<CUevent_st> make_event() {
  cudaEvent_t event = nullptr;
  require(cudaEventCreate(&event));
  return {event, [](cudaEvent_t e) { cudaEventDestroy(e); }};
}

double elapsed_us(const std::shared_ptr<CUevent_st>& begin, const std::shared_ptr<CUevent_st>& end) {
  float ms = 0;
  require(cudaEventElapsedTime(&ms, begin.get(), end.get()));
  return static_cast<double>(ms) * 1e3;
}

}  // namespace

Timer::Timer(const Device& device)
    : device_(device), flush_bytes_(std::max(4 * device.facts().l2_bytes.value_or(0), kFlushBytesMin)) {
  void* scratch = nullptr;
  require(cudaMalloc(&scratch, static_cast<std::size_t>(flush_bytes_)));
  flush_ = std::shared_ptr<char>(static_cast<char*>(scratch), [](char* p) { cudaFree(p); });
  void* pinned = nullptr;
  require(cudaMallocHost(&pinned, 256));
  pinned_ = std::shared_ptr<char>(static_cast<char*>(pinned), [](char* p) { cudaFreeHost(p); });
  stamps_ = reinterpret_cast<unsigned long long*>(pinned_.get());
  flag_ = reinterpret_cast<int*>(pinned_.get() + 128);
  sink_ = reinterpret_cast<unsigned*>(pinned_.get() + 192);
  for (int i = 0; i < kBatch; ++i) {
    begin_.push_back(make_event());
    end_.push_back(make_event());
  }
  // Load the kernels used here: loading waits for the device, which must not be held then.
  std::atomic_ref(flag_[0]).store(1);
  kernels::launch_block_stream(flag_, kPatienceNs, device_.stream());
  kernels::launch_stamp(stamps_, static_cast<int>(device_.facts().sms), device_.stream());
  kernels::launch_nothing(device_.stream());
  require_queued();
  flush();
  device_.synchronise();
}

void Timer::flush() const {
  require(cudaMemsetAsync(flush_.get(), 0, static_cast<std::size_t>(flush_bytes_), device_.stream()));
  kernels::launch_read_all(flush_.get(), flush_bytes_, sink_, device_.stream());
  require_queued();
}

void Timer::behind_held_stream(const std::function<void()>& body) const {
  std::atomic_ref(flag_[0]).store(0);
  std::atomic_ref(flag_[1]).store(0);
  kernels::launch_block_stream(flag_, kPatienceNs, device_.stream());
  require_queued();
  try {
    body();
  } catch (...) {
    std::atomic_ref(flag_[0]).store(1);
    throw;
  }
  std::atomic_ref(flag_[0]).store(1);
  device_.synchronise();
  if (std::atomic_ref(flag_[1]).load() != 0)
    throw DeviceError("the launches were not queued within " + std::to_string(kPatienceNs / 1'000'000'000) +
                      " s");
}

double Timer::cold_batch(const Enqueue& enqueue, int first, std::vector<double>& samples_us) const {
  behind_held_stream([&] {
    for (int i = 0; i < kBatch; ++i) {
      const auto at = static_cast<std::size_t>(i);
      flush();
      require(cudaEventRecord(begin_[at].get(), device_.stream()));
      enqueue(device_.stream(), first + i);
      require(cudaEventRecord(end_[at].get(), device_.stream()));
    }
  });
  double total = 0;
  for (int i = 0; i < kBatch; ++i) {
    samples_us.push_back(elapsed_us(begin_[static_cast<std::size_t>(i)], end_[static_cast<std::size_t>(i)]));
    total += samples_us.back();
  }
  return total;
}

Statistics Timer::cold(const Enqueue& enqueue, const ColdPlan& plan) const {
  std::vector<double> samples_us;
  double total = 0;
  const auto taken = [&] { return static_cast<int>(samples_us.size()); };
  while (taken() < plan.samples_min || (total < plan.time_us_min && taken() < plan.samples_max))
    total += cold_batch(enqueue, taken(), samples_us);
  return summarise(std::move(samples_us));
}

Timer::Graph Timer::capture(const Enqueue& enqueue, int launches) const {
  cudaGraph_t graph = nullptr;
  require(cudaStreamBeginCapture(device_.stream(), cudaStreamCaptureModeThreadLocal));
  try {
    for (int i = 0; i < launches; ++i) enqueue(device_.stream(), i);
  } catch (...) {
    cudaStreamEndCapture(device_.stream(), &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    cudaGetLastError();
    throw;
  }
  require(cudaStreamEndCapture(device_.stream(), &graph));
  cudaGraphExec_t exec = nullptr;
  const cudaError_t error = cudaGraphInstantiate(&exec, graph, 0);
  cudaGraphDestroy(graph);
  require(error);
  Graph made(exec, [](cudaGraphExec_t e) { cudaGraphExecDestroy(e); });
  require(cudaGraphUpload(exec, device_.stream()));
  device_.synchronise();
  return made;
}

double Timer::replay_us(const Graph& graph) const {
  std::fill_n(stamps_, 4, 0ull);
  behind_held_stream([&] {
    flush();
    kernels::launch_stamp(stamps_, static_cast<int>(device_.facts().sms), device_.stream());
    require(cudaEventRecord(begin_[0].get(), device_.stream()));
    require(cudaGraphLaunch(graph.get(), device_.stream()));
    require(cudaEventRecord(end_[0].get(), device_.stream()));
    kernels::launch_stamp(stamps_ + 2, static_cast<int>(device_.facts().sms), device_.stream());
    require_queued();
  });
  return elapsed_us(begin_[0], end_[0]);
}

// Of the replay before; 0 where a stamp is missing.
double Timer::sm_mhz() const {
  if (stamps_[0] == 0 || stamps_[2] <= stamps_[0]) return 0;
  return static_cast<double>(stamps_[3] - stamps_[1]) / static_cast<double>(stamps_[2] - stamps_[0]) * 1e3;
}

Slope Timer::graph(const Enqueue& enqueue, const SlopePlan& plan) const {
  const Graph shorter = capture(enqueue, plan.launches_short), longer = capture(enqueue, plan.launches_long);
  for (const Graph& graph : {shorter, longer}) {  // a first launch may wait for the device: not held
    require(cudaGraphLaunch(graph.get(), device_.stream()));
    device_.synchronise();
  }
  std::vector<double> slopes, clocks;
  for (int i = 0; i < plan.repeats; ++i) {
    const double short_us = replay_us(shorter);
    const double long_us = replay_us(longer);
    clocks.push_back(sm_mhz());
    slopes.push_back((long_us - short_us) / (plan.launches_long - plan.launches_short));
  }
  const Slope slope{summarise(std::move(slopes)), summarise(std::move(clocks)).median};
  if (slope.time_us.min <= 0) throw DeviceError("the time of a launch is lost in the noise of the graphs");
  return slope;
}

}  // namespace tideline::profile
