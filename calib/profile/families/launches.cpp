// What a launch costs when the kernel does nothing: on the device, on the host, and in a graph by its nodes.
#include <chrono>

#include "calib/profile/families/families.h"

namespace tideline::profile {
namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

// Host time of one launch, in bursts that do not fill the launch queue.
Statistics host_launch(const Bench& bench, const Enqueue& enqueue, cudaStream_t stream) {
  constexpr int kBursts = 200, kBurst = 20;
  std::vector<double> samples_us;
  for (int burst = 0; burst < kBursts; ++burst) {
    bench.timer().flush();  // keeps the device busy, so that it never waits for the host meanwhile
    const Clock::time_point begin = Clock::now();
    for (int i = 0; i < kBurst; ++i) enqueue(stream, i);
    samples_us.push_back(microseconds_since(begin) / kBurst);
    require(cudaStreamSynchronize(stream));
  }
  return summarise(std::move(samples_us));
}

// From the launch of an idle device's graph to its end, as the host sees it.
Statistics graph_replay(const Bench& bench, const Enqueue& enqueue, int nodes, cudaStream_t stream) {
  constexpr int kReplays = 60;
  const Timer::Graph graph = bench.timer().capture(enqueue, nodes);
  std::vector<double> samples_us;
  for (int i = 0; i < kReplays + 2; ++i) {
    const Clock::time_point begin = Clock::now();
    require(cudaGraphLaunch(graph.get(), stream));
    require(cudaStreamSynchronize(stream));
    if (i >= 2) samples_us.push_back(microseconds_since(begin));
  }
  return summarise(std::move(samples_us));
}

}  // namespace

void run_launch(const Point& point, Bench& bench) {
  const cudaStream_t stream = bench.device().stream();
  Subject subject;
  subject.enqueue = [](cudaStream_t s, int) {
    kernels::launch_nothing(s);
    require_queued();
  };
  subject.includes = {"launch"};
  subject.implementation.library = "tideline-profile";
  if (point.op == "host_launch")
    bench.add_host(point, subject, host_launch(bench, subject.enqueue, stream));
  else if (point.op == "graph_replay")
    bench.add_host(point, subject,
                   graph_replay(bench, subject.enqueue, static_cast<int>(point.at("nodes")), stream));
  else
    bench.measure(point, subject);
}

}  // namespace tideline::profile
