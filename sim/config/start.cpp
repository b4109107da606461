#include "sim/config/start.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <string_view>

namespace tideline::config {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;

// Digits of `text` as a number; -1 when it is not made of them.
int digits(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

bool read(const std::string& text, Start& start) {
  const std::string_view t = text;
  if (t.size() != 25 || t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' || t[16] != ':' ||
      (t[19] != '+' && t[19] != '-') || t[22] != ':')
    return false;
  const int hour = digits(t.substr(11, 2)), minute = digits(t.substr(14, 2)),
            second = digits(t.substr(17, 2));
  const int offset_h = digits(t.substr(20, 2)), offset_min = digits(t.substr(23, 2));
  const std::chrono::year_month_day date{std::chrono::year(digits(t.substr(0, 4))),
                                         std::chrono::month(static_cast<unsigned>(digits(t.substr(5, 2)))),
                                         std::chrono::day(static_cast<unsigned>(digits(t.substr(8, 2))))};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
      offset_h < 0 || offset_h > 14 || offset_min < 0 || offset_min > 59)
    return false;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t offset = (offset_h * 60 + offset_min) * (t[19] == '-' ? -1 : 1);
  start.first_minute = hour * 60 + minute;
  start.unix_seconds = days * kSecondsPerDay + (start.first_minute - offset) * 60 + second;
  return true;
}

}  // namespace

Start read_start(const Node& node) {
  Start start{.text = node.text("start")};
  if (!read(start.text, start))
    node.problem("start",
                 "wants a local date and time with its offset, such as \"2025-02-27T12:00:00+08:00\"");
  if (start.first_minute % 60 != 0) node.problem("start", "a window starts at a full hour");
  return start;
}

std::string utc(std::int64_t unix_seconds) {
  const std::int64_t days = (unix_seconds - (unix_seconds < 0 ? kSecondsPerDay - 1 : 0)) / kSecondsPerDay;
  const std::int64_t second = unix_seconds - days * kSecondsPerDay;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600,
                     second / 60 % 60, second % 60);
}

}  // namespace tideline::config
