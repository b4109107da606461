// The two ways to time a launch on the device. README.md says what is inside the timed region of each.
#pragma once

#include <functional>

#include "calib/profile/cuda/device.h"
#include "calib/profile/statistics.h"
#include "calib/profile/timing.h"

namespace tideline::profile {

// Queues launch number i on the stream; throws what require() throws. Must not wait for the device.
using Enqueue = std::function<void(cudaStream_t stream, int launch)>;

struct Slope {
  Statistics time_us;
  double sm_mhz = 0;  // median over the long graphs
};

class Timer {
 public:
  explicit Timer(const Device& device);

  // L2 flushed, then one launch between two events; samples queue up behind a kernel that holds the stream.
  // REQUIRES: the launch has run before (a kernel loaded while the stream is held would wait for ever).
  Statistics cold(const Enqueue& enqueue, const ColdPlan& plan) const;

  // Time of a launch inside a CUDA graph: slope between a short and a long graph, each replayed behind a
  // kernel that holds the stream, so that the host's time to launch it is not in it.
  // Fails: DeviceError when the launches cannot be captured.
  Slope graph(const Enqueue& enqueue, const SlopePlan& plan) const;

  // Writes, then reads more than L2 holds, so that it neither holds operands nor lines that must be written
  // back.
  void flush() const;
  [[nodiscard]] std::int64_t flush_bytes() const { return flush_bytes_; }

  using Graph = std::shared_ptr<CUgraphExec_st>;
  [[nodiscard]] Graph capture(const Enqueue& enqueue, int launches) const;

 private:
  // Queues what `body` queues behind a kernel that holds the stream, so that it runs without gaps, and waits.
  void behind_held_stream(const std::function<void()>& body) const;
  double cold_batch(const Enqueue& enqueue, int first, std::vector<double>& samples_us) const;
  double replay_us(const Graph& graph) const;
  [[nodiscard]] double sm_mhz() const;

  const Device& device_;
  std::int64_t flush_bytes_;
  std::shared_ptr<char> flush_, pinned_;
  int* flag_ = nullptr;                   // pinned: see block_stream
  unsigned long long* stamps_ = nullptr;  // pinned: two stamps
  unsigned* sink_ = nullptr;
  std::vector<std::shared_ptr<CUevent_st>> begin_, end_;
};

}  // namespace tideline::profile
