#include "calib/import/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "calib/import/times.h"

namespace tideline::calib {
namespace {

// Assumed; any from 0.36 to 2.1 ms, and from 22 to 759 us, leaves out the same of DeepSeek's training trace.
constexpr std::int64_t kWaitNs = 1'000'000;
constexpr std::int64_t kOtherStreamNs = 100'000;

double us(std::int64_t ns) {
  return static_cast<double>(ns) * 1e-3;
}

// Delay from launch to start of the kernels that found their stream empty.
std::vector<double> starts_on_empty_streams(const Trace& trace) {
  const std::vector<std::int32_t> launch_of = launches_of_kernels(trace);
  std::vector<double> out;
  std::int64_t busy_until = 0;
  for (std::size_t i = 0; i < trace.kernels.size(); ++i) {
    const Kernel& k = trace.kernels[i];
    const Kernel* before = i > 0 ? &trace.kernels[i - 1] : nullptr;
    const bool first = !before || before->stream != k.stream || before->device != k.device;
    if (!first && launch_of[i] >= 0) {
      const Launch& launch = trace.launches[static_cast<std::size_t>(launch_of[i])];
      const std::int64_t delay = k.start_ns - launch.start_ns;
      if (launch.kernel && busy_until <= launch.start_ns && delay >= 0 && delay <= kOtherStreamNs)
        out.push_back(us(delay));
    }
    busy_until = first ? k.end_ns() : std::max(busy_until, k.end_ns());
  }
  return out;
}

bool is_kernel(const Trace& trace, const Kernel& k) {
  return trace.configs[k.config] != LaunchConfig{};
}

}  // namespace

std::vector<double> gaps_us(const Trace& trace) {
  const auto stream_of = [](const Kernel& k) { return std::pair(k.device, k.stream); };
  std::map<std::pair<std::int32_t, std::int64_t>, std::size_t> kernels_on;
  for (const Kernel& k : trace.kernels) kernels_on[stream_of(k)] += is_kernel(trace, k);
  if (kernels_on.empty()) return {};
  const auto most = std::ranges::max_element(kernels_on, {}, [](const auto& s) { return s.second; });
  std::vector<double> out;
  const Kernel* before = nullptr;
  for (const Kernel& k : trace.kernels) {
    if (stream_of(k) != most->first || !is_kernel(trace, k)) continue;
    if (before) out.push_back(us(std::max<std::int64_t>(k.start_ns - before->end_ns(), 0)));
    before = &k;
  }
  return out;
}

Spread spread_of(std::vector<double> sample) {
  if (sample.empty()) return {};
  std::ranges::sort(sample);
  const double sum = std::accumulate(sample.begin(), sample.end(), 0.0);
  return {sample.size(), quantile(sample, 0.1), quantile(sample, 0.5), quantile(sample, 0.9),
          sum / static_cast<double>(sample.size())};
}

std::vector<HostPace> host_pace(const Trace& trace) {
  struct Named {
    std::vector<double> intervals, launches, times;
  };
  const std::vector<std::int32_t> range_of = ranges_of_launches(trace);
  std::vector<double> calls, intervals;
  std::map<std::string, Named> named;
  std::map<std::int32_t, int> launches_in;
  std::size_t last = trace.launches.size();  // the last kernel launch, none
  for (std::size_t i = 0; i < trace.launches.size(); ++i) {
    const Launch& launch = trace.launches[i];
    if (!launch.kernel) continue;
    calls.push_back(us(launch.duration_ns));
    const std::int32_t range = range_of[i];
    if (range >= 0) ++launches_in[range];
    if (last < i && trace.launches[last].thread == launch.thread) {
      const std::int64_t gap = launch.start_ns - trace.launches[last].start_ns;
      if (gap <= kWaitNs) {
        intervals.push_back(us(gap));
        if (range >= 0 && range == range_of[last])
          named[trace.names[trace.ranges[static_cast<std::size_t>(range)].name]].intervals.push_back(us(gap));
      }
    }
    last = i;
  }
  for (const auto& [r, count] : launches_in) {
    const Range& range = trace.ranges[static_cast<std::size_t>(r)];
    Named& n = named[trace.names[range.name]];
    n.launches.push_back(count);
    n.times.push_back(us(range.end_ns - range.start_ns));
  }
  std::vector<HostPace> out{{"call", "everywhere", "us", spread_of(std::move(calls))},
                            {"start", "empty stream", "us", spread_of(starts_on_empty_streams(trace))},
                            {"gap", "busiest stream", "us", spread_of(gaps_us(trace))},
                            {"interval", "everywhere", "us", spread_of(std::move(intervals))}};
  for (auto& [name, n] : named) {
    if (!n.intervals.empty()) out.push_back({"interval", name, "us", spread_of(std::move(n.intervals))});
    out.push_back({"launches", name, "kernels", spread_of(std::move(n.launches))});
    out.push_back({"range", name, "us", spread_of(std::move(n.times))});
  }
  return out;
}

std::string host_pace_csv(const std::vector<HostPace>& pace, const Rules& rules) {
  const auto plain = [](std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return c == ',' || c == '\n' || c == '\r' || c == '"'; }, ' ');
    return text;
  };
  std::string out = fmt::format(
      "# How fast the host launches kernels: {}.\n"
      "# Written by `tideline calibrate import --host`; the rows are explained in calib/import/host.h. "
      "interval: from\n"
      "# one launch to the next on its thread, without waits (1 ms or more); range: host time of a named "
      "part of a\n"
      "# layer, waits included; start: from a launch to its kernel on an empty stream; call: the launch "
      "itself.\n"
      "source,date,what,where,unit,count,p10,median,p90,mean\n",
      rules.about.substr(0, rules.about.find('\n')));
  for (const HostPace& p : pace)
    if (p.spread.count > 0)
      out += fmt::format("{},{},{},{},{},{},{:.1f},{:.1f},{:.1f},{:.1f}\n", plain(rules.source.origin),
                         plain(rules.source.date), p.what, plain(p.where), p.unit, p.spread.count,
                         p.spread.p10, p.spread.median, p.spread.p90, p.spread.mean);
  return out;
}

}  // namespace tideline::calib
