#include "calib/import/trace.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "calib/import/utf8.h"
#include "sim/base/error.h"

namespace tideline::calib {

std::uint32_t Names::number_of(std::string_view text) {
  const auto [at, added] =
      numbers_.try_emplace(as_utf8(text, kLengthMax), static_cast<std::uint32_t>(texts_.size()));
  if (added) texts_.push_back(&at->first);
  return at->second;
}

Gpu Trace::gpu_of(const Kernel& kernel) const {
  const auto found = gpus.find(kernel.device);
  if (found != gpus.end()) return found->second;
  return gpus.size() == 1 ? gpus.begin()->second : Gpu{};
}

std::uint32_t Trace::config_of(const LaunchConfig& config) {
  const auto [at, added] = config_numbers_.try_emplace(config, static_cast<std::uint32_t>(configs.size()));
  if (added) configs.push_back(config);
  return at->second;
}

void Trace::sort() {
  const auto by = [](auto key) { return [key](const auto& a, const auto& b) { return key(a) < key(b); }; };
  std::ranges::sort(kernels, by([](const Kernel& k) {
                      return std::tuple(k.device, k.stream, k.start_ns, k.duration_ns, k.correlation, k.name);
                    }));
  std::ranges::sort(launches, by([](const Launch& l) {
                      return std::tuple(l.thread, l.start_ns, l.duration_ns, l.correlation);
                    }));
  std::ranges::sort(ranges,
                    by([](const Range& r) { return std::tuple(r.start_ns, -r.end_ns, r.thread, r.name); }));
}

bool launches_a_kernel(std::string_view call) {
  return call.find("LaunchKernel") != call.npos || call.find("LaunchCooperativeKernel") != call.npos;
}

bool puts_work_on_a_stream(std::string_view call) {
  return launches_a_kernel(call) || call.find("Memcpy") != call.npos || call.find("Memset") != call.npos ||
         call.find("GraphLaunch") != call.npos;
}

std::vector<std::int32_t> ranges_of_launches(const Trace& trace) {
  constexpr std::size_t kOpenMax = 1000;
  std::vector<std::int32_t> order(trace.launches.size()), out(trace.launches.size(), -1);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  std::ranges::sort(order, {}, [&](std::int32_t i) {
    return std::pair(trace.launches[static_cast<std::size_t>(i)].start_ns, i);
  });
  std::vector<std::int32_t> open;
  std::size_t next = 0;
  for (const std::int32_t i : order) {
    const Launch& launch = trace.launches[static_cast<std::size_t>(i)];
    const auto range = [&](std::int32_t r) -> const Range& {
      return trace.ranges[static_cast<std::size_t>(r)];
    };
    for (; next < trace.ranges.size() && trace.ranges[next].start_ns <= launch.start_ns; ++next)
      open.push_back(static_cast<std::int32_t>(next));
    std::erase_if(open, [&](std::int32_t r) { return range(r).end_ns <= launch.start_ns; });
    if (open.size() > kOpenMax)
      throw InputError({.file = trace.file, .message = "more than 1,000 named ranges are open at once"});
    std::int32_t& found = out[static_cast<std::size_t>(i)];
    for (const std::int32_t r : open)  // by start: the last one is the innermost
      if (range(r).thread == launch.thread) found = r;
    if (found < 0 && !open.empty()) found = open.back();
  }
  return out;
}

std::vector<std::int32_t> launches_of_kernels(const Trace& trace) {
  std::unordered_map<std::uint64_t, std::int32_t> by_correlation;
  by_correlation.reserve(trace.launches.size());
  for (std::size_t i = 0; i < trace.launches.size(); ++i)
    by_correlation.try_emplace(trace.launches[i].correlation, static_cast<std::int32_t>(i));
  std::vector<std::int32_t> out;
  out.reserve(trace.kernels.size());
  for (const Kernel& k : trace.kernels) {
    const auto found = by_correlation.find(k.correlation);
    out.push_back(k.correlation == 0 || found == by_correlation.end() ? -1 : found->second);
  }
  return out;
}

}  // namespace tideline::calib
