// What a clock on the wall shows: minutes of a local day.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace tideline {

inline constexpr std::int64_t kMinutesPerDay = 24 * 60;

// "08:30". REQUIRES: 0 to 1440, which is "24:00".
inline std::string clock_text(std::int64_t minute) {
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

// Where `hour`, counted from 0, of a window that begins at `first_minute` begins: 0 to 23.
constexpr std::int64_t local_hour(std::int64_t first_minute, std::size_t hour) {
  return (first_minute / 60 + static_cast<std::int64_t>(hour)) % 24;
}

}  // namespace tideline
