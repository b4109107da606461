#include "sim/fleet/read_availability.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/clock.h"
#include "sim/config/choose.h"

namespace tideline::fleet {
namespace {

constexpr std::int64_t kSparesMax = 1'000'000;

// What is simulated, in whole minutes from the start of the window on, its end not among them.
struct Minutes {
  std::int64_t begin = 0, end = 0;
  explicit Minutes(const Simulated& s)
      : begin(-(s.warm_up.ns / kNsPerMinute)), end((s.window.ns - 1) / kNsPerMinute + 1) {}
  [[nodiscard]] bool hold(std::int64_t minute) const { return begin <= minute && minute < end; }
};

// Minutes from the start of the window to that time. Without a date, to the first such time in the window, or
// else to the last before it.
std::int64_t minutes_until(const config::LocalTime& time, const Simulated& s) {
  const std::int64_t minute = time.minute - s.start.first_minute;
  if (time.day) return minute + (*time.day - s.start.day) * kMinutesPerDay;
  const std::int64_t first = (minute + kMinutesPerDay) % kMinutesPerDay;
  return first < Minutes(s).end ? first : first - kMinutesPerDay;
}

std::string shown(std::int64_t minute, const Simulated& s) {
  const std::int64_t local = s.start.first_minute + minute;
  const std::int64_t day = (local - (local < 0 ? kMinutesPerDay - 1 : 0)) / kMinutesPerDay;  // rounded down
  return config::written({.day = s.start.day + day, .minute = local - day * kMinutesPerDay});
}

// One that is not simulated would go by unnoticed.
Instant read_at(const config::Node& outage, const Simulated& s) {
  const std::optional<config::LocalTime> at = outage.local_time("at");
  if (!at || !s.is_known()) return {};
  const Minutes simulated(s);
  const std::int64_t minute = minutes_until(*at, s);
  if (simulated.hold(minute)) return Instant{minute * kNsPerMinute};
  const std::string warm_up = s.warm_up.ns > 0 ? ", with its warm-up" : "";
  outage.problem("at",
                 fmt::format("{} is not simulated: the run goes from {}{}, to {}", config::written(*at),
                             shown(simulated.begin, s), warm_up, shown(simulated.end, s)),
                 "a time between the two, or another \"start\" or \"duration\"");
  return {};
}

// A list of outages: [{"at": local time, "unit", "down"}].
std::vector<Outage> read_outages(const config::Node& node, std::string_view key, const Simulated& simulated) {
  std::vector<Outage> outages;
  if (!node.has(key)) return outages;
  for (const config::Node& outage : node.list(key))
    outages.push_back({.at = read_at(outage, simulated),
                       .unit = static_cast<std::size_t>(outage.count("unit")),
                       .down = outage.duration("down")});
  return outages;
}

void check_units(const config::Node& node, std::string_view key, const std::vector<Outage>& outages,
                 std::int64_t units_most) {
  for (std::size_t i = 0; i < outages.size(); ++i)
    if (const auto number = static_cast<std::int64_t>(outages[i].unit); number >= units_most)
      node.list(key)[i].problem(
          "unit", fmt::format("there is no unit {}: they are counted from 0, and {} serve at most", number,
                              units_most));
}

}  // namespace

// Failures: {"node_mtbf", "repair", "spares", "outages"}.
Availability read_availability(const config::Node& unit, const Simulated& simulated) {
  Availability a;
  a.start_up = unit.duration("start_up", Seconds(0.0));
  a.leaving = config::choose(unit, "leaving", policy::kLeavings, "migrate");
  a.maintenance = read_outages(unit, "maintenance", simulated);
  const std::optional<config::Node> failures = unit.optional_object("failures");
  if (!failures) return a;
  a.node_mtbf = failures->duration("node_mtbf", Seconds(0.0));
  a.repair = failures->duration("repair", Seconds(3600.0));
  a.spares = failures->count("spares", 0);
  if (a.spares > kSparesMax) failures->problem("spares", fmt::format("at most {} nodes", kSparesMax));
  a.outages = read_outages(*failures, "outages", simulated);
  return a;
}

void check_units(const config::Node& unit, const Availability& availability, std::int64_t units_most) {
  check_units(unit, "maintenance", availability.maintenance, units_most);
  if (!availability.outages.empty())
    check_units(unit.object("failures"), "outages", availability.outages, units_most);
}

}  // namespace tideline::fleet
