#include "sim/plan/staircase.h"

#include <algorithm>
#include <map>

namespace tideline::plan {

// Closing: the least of the most of every run of `intervals` that a place is in.
std::vector<std::int64_t> held(const std::vector<std::int64_t>& units, std::size_t intervals, bool round) {
  const auto n = static_cast<std::int64_t>(units.size());
  const std::int64_t k = std::min(std::max<std::int64_t>(static_cast<std::int64_t>(intervals), 1), n);
  const auto most = [&](std::int64_t from) {
    std::int64_t m = 0;
    for (std::int64_t i = from; i < from + k; ++i)
      if (round || (i >= 0 && i < n)) m = std::max(m, units[static_cast<std::size_t>((i % n + n) % n)]);
    return m;
  };
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t least = most(i);
    for (std::int64_t from = i - k + 1; from < i; ++from)
      if (round || (from >= 0 && from + k <= n)) least = std::min(least, most(from));
    out.push_back(std::max(least, units[static_cast<std::size_t>(i)]));
  }
  return out;
}

namespace {

constexpr std::int64_t kDay = 24 * kNsPerHour, kMinute = 60 * kNsPerSecond;

std::int64_t down_to_minute(std::int64_t ns) {
  return (ns - (ns < 0 ? kMinute - 1 : 0)) / kMinute * kMinute;
}

// Who serves from when on, days around the first among them, and when units are ordered for it.
struct Changes {
  struct Change {
    std::int64_t at;
    Units units;
    bool ordered_ahead;
  };
  std::vector<Change> all;

  using Orders = std::map<std::int64_t, std::int64_t>;
  [[nodiscard]] Orders orders(Phase side, Duration start_up) const {
    Orders orders{{all.front().at, all.front().units.of(side)}};
    std::int64_t at_once = all.front().at;  // nothing is ordered for a day before it begins anew
    for (std::size_t i = 1; i < all.size(); ++i) {
      const std::int64_t now = all[i].units.of(side), before = all[i - 1].units.of(side);
      if (!all[i].ordered_ahead) at_once = all[i].at;
      if (now == before) continue;
      const std::int64_t ahead = now > before ? start_up.ns : 0;
      const std::int64_t from = std::max(down_to_minute(all[i].at - ahead), at_once);
      std::int64_t& ordered = orders[from];
      ordered = std::max(ordered, now);
      // What was to be given back meanwhile stays.
      for (auto later = orders.upper_bound(from); later != orders.end(); ++later)
        later->second = std::max(later->second, now);
    }
    return orders;
  }
};

}  // namespace

std::vector<fleet::ScheduleStep> schedule(const std::vector<Units>& units, Duration interval,
                                          Duration warm_up, Duration prefill_start_up,
                                          Duration decode_start_up) {
  const std::int64_t end = std::ssize(units) * interval.ns;
  const std::int64_t back = std::max(end, down_to_minute(kDay - warm_up.ns));
  Changes changes;
  for (std::int64_t day = -2; day <= 2; ++day) {
    for (std::int64_t i = 0; i < std::ssize(units); ++i)
      changes.all.push_back({day * kDay + i * interval.ns, units[static_cast<std::size_t>(i)], true});
    if (end < kDay) changes.all.push_back({day * kDay + back, units[0], false});
  }
  const Changes::Orders prefill = changes.orders(Phase::kPrefill, prefill_start_up);
  const Changes::Orders decode = changes.orders(Phase::kDecode, decode_start_up);
  const auto value = [](const Changes::Orders& orders, std::int64_t t) {
    return std::prev(orders.upper_bound(t))->second;
  };
  std::map<std::int64_t, int> times;
  for (const auto* orders : {&prefill, &decode})
    for (const auto& [t, count] : *orders) times.emplace(t, 0);
  std::vector<fleet::ScheduleStep> steps;
  for (const auto& [t, unused] : times) steps.push_back({Instant{t}, value(prefill, t), value(decode, t)});
  return steps;
}

}  // namespace tideline::plan
