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

std::vector<fleet::ScheduleStep> schedule(const std::vector<Units>& units, Duration interval,
                                          Duration prefill_start_up, Duration decode_start_up) {
  constexpr std::int64_t kDay = 24 * kNsPerHour;
  const auto n = static_cast<std::int64_t>(units.size());
  const auto at = [&](std::int64_t i) { return units[static_cast<std::size_t>((i % n + n) % n)]; };
  // Orders of the day and of those around it, so that what is ordered before midnight is known.
  std::map<std::int64_t, std::int64_t> prefill, decode;
  const auto order = [&](std::map<std::int64_t, std::int64_t>& orders, std::int64_t i, Phase side,
                         Duration start_up) {
    const std::int64_t now = at(i).of(side), before = at(i - 1).of(side);
    if (now == before) return;
    const std::int64_t from = i * interval.ns - (now > before ? start_up.ns : 0);
    auto& ordered = orders[from];
    ordered = std::max(ordered, now);
    // What was to be given back meanwhile stays.
    for (auto later = orders.upper_bound(from); later != orders.end(); ++later)
      later->second = std::max(later->second, now);
  };
  const bool whole_day = n * interval.ns == kDay;
  for (std::int64_t i = whole_day ? -n : 1; i < (whole_day ? 2 * n : n); ++i) {
    order(prefill, i, Phase::kPrefill, prefill_start_up);
    order(decode, i, Phase::kDecode, decode_start_up);
  }
  prefill.emplace(-kDay, at(0).prefill), decode.emplace(-kDay, at(0).decode);
  std::vector<fleet::ScheduleStep> steps;
  const auto value = [](const std::map<std::int64_t, std::int64_t>& orders, std::int64_t t) {
    const auto next = orders.upper_bound(t);
    return next == orders.begin() ? next->second : std::prev(next)->second;
  };
  std::map<std::int64_t, int> times;
  for (const auto* orders : {&prefill, &decode})
    for (const auto& [t, count] : *orders) times.emplace(t, 0);
  for (const auto& [t, unused] : times) steps.push_back({Instant{t}, value(prefill, t), value(decode, t)});
  return steps;
}

}  // namespace tideline::plan
