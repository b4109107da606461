// Simulated time: the engine orders by Instant, an integer count of nanoseconds; models compute in Seconds.
// The two meet in to_duration(), which rounds once.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "sim/base/units.h"

namespace tideline {

// A span of simulated time, in whole nanoseconds.
struct Duration {
  std::int64_t ns = 0;
  auto operator<=>(const Duration&) const = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
};

// A point of simulated time: nanoseconds since the start of the simulated window (negative in the warm-up).
struct Instant {
  std::int64_t ns = 0;
  auto operator<=>(const Instant&) const = default;
  friend constexpr Instant operator+(Instant a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Instant operator-(Instant a, Duration b) { return {a.ns - b.ns}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.ns - b.ns}; }
};

inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNsPerMinute = 60 * kNsPerSecond;
inline constexpr std::int64_t kNsPerHour = 60 * kNsPerMinute;

// The longest window that is simulated, and that books are of: 400 days.
inline constexpr std::int64_t kWindowHoursMax = 9600;
inline constexpr Duration kWindowMax{kWindowHoursMax * kNsPerHour};

// To the nearest nanosecond. Written out: std::llround is a call, and this is asked several times a request.
constexpr Duration to_duration(Seconds s) {
  const double ns = s.value() * 1e9;
  return {static_cast<std::int64_t>(ns + (ns < 0.0 ? -0.5 : 0.5))};
}
constexpr Seconds to_seconds(Duration d) { return Seconds(static_cast<double>(d.ns) * 1e-9); }
constexpr Seconds to_seconds(Instant t) { return Seconds(static_cast<double>(t.ns) * 1e-9); }

// Of time, or of nodes times time.
constexpr double to_hours(std::int64_t ns) {
  return static_cast<double>(ns) / static_cast<double>(kNsPerHour);
}

// Of an hour of a window, counted from 0: the last may be cut short by its end.
constexpr Duration hour_length(Duration window, std::size_t hour) {
  return {std::min(kNsPerHour, window.ns - static_cast<std::int64_t>(hour) * kNsPerHour)};
}

}  // namespace tideline
