// What the importers keep of a trace, whatever its format: kernels, the calls that launched them, and the
// ranges that the program named. Times are whole nanoseconds; names and launch configurations are stored
// once.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tideline::calib {

struct LaunchConfig {
  std::array<std::uint32_t, 3> grid{}, block{};  // zeros: a copy or a memset
  auto operator<=>(const LaunchConfig&) const = default;
};

struct Kernel {
  std::int64_t start_ns = 0, duration_ns = 0;
  std::uint64_t correlation = 0;  // 0: unknown
  std::int64_t bytes = 0;         // of a copy or memset
  std::int64_t stream = 0;
  std::uint32_t name = 0, config = 0;
  std::int32_t device = 0;

  [[nodiscard]] std::int64_t end_ns() const { return start_ns + duration_ns; }
};

// A call that put work on a stream.
struct Launch {
  std::int64_t start_ns = 0, duration_ns = 0;
  std::uint64_t correlation = 0;
  std::int64_t thread = 0;
  bool kernel = false;  // not a copy, a memset or a whole graph
};

// A stretch of one thread that the program named (record_function, NVTX).
struct Range {
  std::int64_t start_ns = 0, end_ns = 0, thread = 0;
  std::uint32_t name = 0;
};

// As far as a trace says it.
struct Gpu {
  std::string name;  // "NVIDIA H800"
  std::int64_t sms = 0, memory_bytes = 0;
  auto operator<=>(const Gpu&) const = default;
};

// Texts by number, each stored once, as UTF-8; longer ones are cut to kLengthMax bytes.
class Names {
 public:
  static constexpr std::size_t kLengthMax = 4096;
  std::uint32_t number_of(std::string_view text);
  [[nodiscard]] const std::string& operator[](std::uint32_t number) const { return *texts_[number]; }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<const std::string*> texts_;  // into numbers_, whose nodes stay where they are
};

struct Trace {
  std::string file;
  std::string format;                // "kineto" or "nsys"
  std::map<std::int32_t, Gpu> gpus;  // by number of the device; empty: the trace does not describe them
  double resolution_us = 0.001;      // of its clock
  Names names;
  std::vector<LaunchConfig> configs;
  std::vector<Kernel> kernels;     // by (device, stream, start) after sort()
  std::vector<Launch> launches;    // by (thread, start) after sort()
  std::vector<Range> ranges;       // by start after sort()
  std::vector<std::string> notes;  // what the trace says it lacks

  // What the trace says of the GPU that a kernel ran on.
  [[nodiscard]] Gpu gpu_of(const Kernel& kernel) const;
  std::uint32_t config_of(const LaunchConfig& config);
  void sort();

 private:
  std::map<LaunchConfig, std::uint32_t> config_numbers_;
};

// By the name of a call: cudaLaunchKernel, cuLaunchKernelEx, cudaLaunchCooperativeKernel...; these, and the
// calls for copies, memsets and graphs.
bool launches_a_kernel(std::string_view call);
bool puts_work_on_a_stream(std::string_view call);

// Index into trace.ranges of the innermost range in which each launch of trace.launches was made: of the
// launch's own thread, else of any thread (the autograd thread of PyTorch names no ranges); -1: in none.
// Fails: throws InputError when more than 1,000 ranges are open at once.
std::vector<std::int32_t> ranges_of_launches(const Trace& trace);

// Index into trace.launches of each kernel's launch, by correlation; -1: not in the trace.
std::vector<std::int32_t> launches_of_kernels(const Trace& trace);

}  // namespace tideline::calib
