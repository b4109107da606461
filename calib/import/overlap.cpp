#include "calib/import/overlap.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace tideline::calib {
namespace {

struct Interval {
  std::int64_t start, end;
};

// Disjoint intervals by time, with the length of all before each: covered time by binary search.
class Cover {
 public:
  explicit Cover(std::vector<Interval> disjoint) : intervals_(std::move(disjoint)) {
    before_.reserve(intervals_.size());
    std::int64_t sum = 0;
    for (const Interval& i : intervals_) before_.push_back(sum), sum += i.end - i.start;
  }
  [[nodiscard]] std::int64_t between(std::int64_t start, std::int64_t end) const {
    return until(end) - until(start);
  }

 private:
  [[nodiscard]] std::int64_t until(std::int64_t time) const {
    const auto after = std::ranges::upper_bound(intervals_, time, {}, &Interval::start);
    if (after == intervals_.begin()) return 0;
    const auto& last = *std::prev(after);
    return before_[static_cast<std::size_t>(after - intervals_.begin() - 1)] + std::min(time, last.end) -
           last.start;
  }

  std::vector<Interval> intervals_;
  std::vector<std::int64_t> before_;
};

// Of one class of kernels on one device: where one stream or more is busy, and where two or more are.
class Busy {
 public:
  // Streams one after the other, intervals of a stream by start.
  void add(bool new_stream, std::int64_t start, std::int64_t end) {
    if (!new_stream && !unions_.empty() && start <= unions_.back().end && first_of_stream_ < unions_.size())
      unions_.back().end = std::max(unions_.back().end, end);
    else
      unions_.push_back({start, end});
    if (new_stream) first_of_stream_ = unions_.size() - 1;
  }
  [[nodiscard]] Cover streams(int at_least) const {
    std::vector<std::pair<std::int64_t, int>> edges;
    for (const Interval& i : unions_) edges.insert(edges.end(), {{i.start, 1}, {i.end, -1}});
    std::ranges::sort(edges);
    std::vector<Interval> out;
    int depth = 0;
    for (const auto& [time, step] : edges) {
      const bool was = depth >= at_least;
      depth += step;
      if (!was && depth >= at_least) out.push_back({time, time});
      if (was && depth < at_least) out.back().end = time;
    }
    return Cover(std::move(out));
  }

 private:
  std::vector<Interval> unions_;
  std::size_t first_of_stream_ = 0;
};

}  // namespace

std::vector<Shares> overlaps(const Trace& trace, const std::vector<char>& is_communication) {
  std::vector<Shares> out(trace.kernels.size());
  for (std::size_t first = 0; first < trace.kernels.size();) {
    const std::int32_t device = trace.kernels[first].device;
    std::size_t last = first;
    Busy compute, communication, all;
    std::optional<std::int64_t> stream, stream_of[2];  // none yet
    for (; last < trace.kernels.size() && trace.kernels[last].device == device; ++last) {
      const Kernel& k = trace.kernels[last];
      const std::size_t own = is_communication[k.name] ? 1 : 0;
      all.add(stream != k.stream, k.start_ns, k.end_ns());
      (own ? communication : compute).add(stream_of[own] != k.stream, k.start_ns, k.end_ns());
      stream = stream_of[own] = k.stream;
    }
    // While a kernel runs, its own stream is one of those that are busy with its own class.
    const Cover compute_1 = compute.streams(1), compute_2 = compute.streams(2), all_2 = all.streams(2);
    const Cover communication_1 = communication.streams(1), communication_2 = communication.streams(2);
    for (std::size_t i = first; i < last; ++i) {
      const Kernel& k = trace.kernels[i];
      if (k.duration_ns == 0) continue;
      const auto share = [&](const Cover& cover) {
        return static_cast<float>(static_cast<double>(cover.between(k.start_ns, k.end_ns())) /
                                  static_cast<double>(k.duration_ns));
      };
      const bool own = is_communication[k.name] != 0;
      out[i] = {share(own ? communication_2 : communication_1), share(own ? compute_1 : compute_2),
                share(all_2)};
    }
    first = last;
  }
  return out;
}

}  // namespace tideline::calib
