#include "sim/network/flows.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "sim/base/check.h"

namespace tideline::network {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Flows that end within a millionth of a millionth of each other end together.
constexpr double kTogether = 1e-12;

// Which flows cross a link, and the room on it while filling. Only links that a flow crosses are kept.
class Filling {
 public:
  Filling(std::span<const Link> links, std::span<const Flow> flows) : links_(links), flows_(flows) {
    crossing_.resize(links.size());
    for (std::size_t f = 0; f < flows.size(); ++f)
      for (const int link : flows[f].links) crossing_[static_cast<std::size_t>(link)].push_back(f);
    for (std::size_t l = 0; l < links.size(); ++l) {
      if (crossing_[l].empty()) continue;
      CHECK(links[l].capacity_Bps > 0.0, "link {} has no capacity", l);
      used_.push_back(l);
    }
    room_.resize(links.size()), rising_.resize(links.size());
  }

  // Rates of the flows that are active; the others get 0.
  void fill(const std::vector<char>& active, std::vector<double>& rates) {
    std::ranges::fill(rates, 0.0);
    std::vector<char> fixed(active.size());
    for (std::size_t f = 0; f < active.size(); ++f) {
      fixed[f] = !active[f];
      if (active[f] && flows_[f].links.empty()) rates[f] = kInfinity, fixed[f] = 1;
    }
    std::vector<std::size_t> open;
    for (const std::size_t l : used_) {
      room_[l] = links_[l].capacity_Bps, rising_[l] = 0;
      for (const std::size_t f : crossing_[l]) rising_[l] += active[f] ? 1 : 0;
      if (rising_[l] > 0) open.push_back(l);
    }
    while (!open.empty()) {
      const std::size_t full = *std::ranges::min_element(open, {}, [&](std::size_t l) { return share(l); });
      const double rate = share(full);
      for (const std::size_t f : crossing_[full])
        if (!fixed[f]) fix(f, rate, fixed, rates);
      std::erase_if(open, [&](std::size_t l) { return rising_[l] == 0; });
    }
  }

 private:
  [[nodiscard]] double share(std::size_t l) const { return room_[l] / rising_[l]; }
  void fix(std::size_t f, double rate, std::vector<char>& fixed, std::vector<double>& rates) {
    rates[f] = rate, fixed[f] = 1;
    for (const int link : flows_[f].links) {
      const auto l = static_cast<std::size_t>(link);
      room_[l] = std::max(0.0, room_[l] - rate), --rising_[l];
    }
  }

  std::span<const Link> links_;
  std::span<const Flow> flows_;
  std::vector<std::vector<std::size_t>> crossing_;
  std::vector<std::size_t> used_;
  std::vector<double> room_;
  std::vector<int> rising_;
};

}  // namespace

std::vector<double> max_min_rates(std::span<const Link> links, std::span<const Flow> flows) {
  std::vector<double> rates(flows.size());
  Filling(links, flows).fill(std::vector<char>(flows.size(), 1), rates);
  return rates;
}

std::vector<double> completion_times(std::span<const Link> links, std::span<const Flow> flows) {
  Filling filling(links, flows);
  std::vector<double> left(flows.size()), ends(flows.size(), 0.0), rates(flows.size());
  std::vector<char> active(flows.size(), 0);
  std::size_t count = 0;
  for (std::size_t f = 0; f < flows.size(); ++f) {
    left[f] = flows[f].bytes;
    if (left[f] > 0.0 && !flows[f].links.empty()) active[f] = 1, ++count;
  }
  double now = 0.0;
  while (count > 0) {
    filling.fill(active, rates);
    double next = kInfinity;
    for (std::size_t f = 0; f < flows.size(); ++f)
      if (active[f]) next = std::min(next, left[f] / rates[f]);
    CHECK(next < kInfinity, "{} flows stand still", count);
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (!active[f]) continue;
      if (left[f] <= rates[f] * (next + kTogether * (now + next)))
        active[f] = 0, ends[f] = now + next, --count;
      else
        left[f] -= rates[f] * next;
    }
    now += next;
  }
  return ends;
}

double link_bound(std::span<const Link> links, std::span<const Flow> flows) {
  std::vector<double> bytes(links.size(), 0.0);
  for (const Flow& flow : flows)
    for (const int link : flow.links) bytes[static_cast<std::size_t>(link)] += flow.bytes;
  double bound = 0.0;
  for (std::size_t l = 0; l < links.size(); ++l)
    if (bytes[l] > 0.0) bound = std::max(bound, bytes[l] / links[l].capacity_Bps);
  return bound;
}

}  // namespace tideline::network
