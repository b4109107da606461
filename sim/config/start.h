// The moment at which a window begins, as a service's clock shows it: "2025-02-27T12:00:00+08:00".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/config/node.h"

namespace tideline::config {

struct Start {
  std::string text;               // as it was written
  std::int64_t day = 0;           // of its local date, since 1970-01-01
  std::int64_t first_minute = 0;  // since local midnight
  std::int64_t unix_seconds = 0;  // since 1970-01-01T00:00:00Z
  bool known = false;             // the text is such a moment
};

// "start" of an object. Fails: a problem where it is no such moment, or not a full hour.
Start read_start(const Node& node);

// "2025-02-27T04:00:00Z".
std::string utc(std::int64_t unix_seconds);
// "2025-02-27T12:00", or without a day "12:00".
std::string written(const LocalTime& time);
// The other way. None where it is no such time.
std::optional<LocalTime> local_time(std::string_view text);

}  // namespace tideline::config
