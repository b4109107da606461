#include "sim/config/start.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>

#include "sim/base/clock.h"

namespace tideline::config {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;

// Digits of `text` as a number; -1 when it is not made of them.
int digits(std::string_view text) {
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return -1;
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

// "08:30" as the minute of the day, "24:00" among them; -1 when it is none.
std::int64_t minute_of(std::string_view t) {
  if (t.size() != 5 || t[2] != ':') return -1;
  const int hour = digits(t.substr(0, 2)), minute = digits(t.substr(3, 2));
  const bool is_one = hour >= 0 && minute >= 0 && minute <= 59 && hour * 60 + minute <= kMinutesPerDay;
  return is_one ? hour * 60 + minute : -1;
}

// "2025-02-28", since 1970-01-01.
std::optional<std::int64_t> day_of(std::string_view t) {
  if (t.size() != 10 || t[4] != '-' || t[7] != '-' || digits(t.substr(0, 4)) < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(digits(t.substr(0, 4))),
                                         std::chrono::month(static_cast<unsigned>(digits(t.substr(5, 2)))),
                                         std::chrono::day(static_cast<unsigned>(digits(t.substr(8, 2))))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

bool read(const std::string& text, Start& start) {
  const std::string_view t = text;
  if (t.size() != 25 || t[10] != 'T' || t[16] != ':' || (t[19] != '+' && t[19] != '-') || t[22] != ':')
    return false;
  const auto day = day_of(t.substr(0, 10));
  const std::int64_t minute = minute_of(t.substr(11, 5));
  const int second = digits(t.substr(17, 2));
  const int offset_h = digits(t.substr(20, 2)), offset_min = digits(t.substr(23, 2));
  if (!day || minute < 0 || minute == kMinutesPerDay || second < 0 || second > 59 || offset_h < 0 ||
      offset_h > 14 || offset_min < 0 || offset_min > 59)
    return false;
  const std::int64_t offset = (offset_h * 60 + offset_min) * (t[19] == '-' ? -1 : 1);
  start.day = *day, start.first_minute = minute;
  start.unix_seconds = *day * kSecondsPerDay + (minute - offset) * 60 + second;
  return true;
}

std::string date(std::int64_t day) {
  const std::chrono::year_month_day d{std::chrono::sys_days(std::chrono::days(day))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(d.year()), static_cast<unsigned>(d.month()),
                     static_cast<unsigned>(d.day()));
}

}  // namespace

Start read_start(const Node& node) {
  Start start{.text = node.text("start")};
  start.known = read(start.text, start);
  if (!start.known)
    node.problem("start",
                 "wants a local date and time with its offset, such as \"2025-02-27T12:00:00+08:00\"");
  if (start.first_minute % 60 != 0) node.problem("start", "a window starts at a full hour");
  return start;
}

std::string utc(std::int64_t unix_seconds) {
  const std::int64_t days = (unix_seconds - (unix_seconds < 0 ? kSecondsPerDay - 1 : 0)) / kSecondsPerDay;
  const std::int64_t second = unix_seconds - days * kSecondsPerDay;
  return fmt::format("{}T{:02}:{:02}:{:02}Z", date(days), second / 3600, second / 60 % 60, second % 60);
}

std::string written(const LocalTime& time) {
  const std::string clock = clock_text(time.minute);
  return time.day ? fmt::format("{}T{}", date(*time.day), clock) : clock;
}

std::optional<LocalTime> local_time(std::string_view text) {
  LocalTime time;
  if (const auto t = text.find('T'); t != std::string_view::npos) {
    time.day = day_of(text.substr(0, t));
    if (!time.day) return std::nullopt;
    text = text.substr(t + 1);
  }
  time.minute = minute_of(text);
  return time.minute < 0 ? std::nullopt : std::optional(time);
}

}  // namespace tideline::config
