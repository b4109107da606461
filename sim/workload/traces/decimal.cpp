#include "sim/workload/traces/decimal.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

namespace tideline::workload::traces {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000, kSecondsPerDay = 86400;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Exactly `digits` digits at the front of `text`, which is shortened by them.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  int n = 0;
  if (text.size() < digits) return std::nullopt;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    n = 10 * n + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return n;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> through_double(std::string_view text, int power_of_ten) {
  double x = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  x *= std::pow(10.0, power_of_ten);
  if (!(std::abs(x) < 9e18)) return std::nullopt;
  return std::llround(x);
}

// "", "Z", "+00", "+08:00": seconds east.
std::optional<std::int64_t> zone_s(std::string_view text) {
  if (text.empty() || text == "Z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 14) return std::nullopt;
  if (text.empty()) return sign * *hours * 3600;
  take(text, ':');
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::optional<std::int64_t> scaled_decimal(std::string_view text, int power_of_ten) {
  if (text.find_first_of("eE") != std::string_view::npos) return through_double(text, power_of_ten);
  std::string_view rest = text;
  const bool negative = take(rest, '-');
  std::int64_t n = 0;
  int places = -1;  // decimals taken, once the point has been seen
  bool any = false;
  for (const char c : rest) {
    if (c == '.' && places < 0) {
      places = 0;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    any = true;
    if (places == power_of_ten) {  // the first digit too many rounds, the others say nothing
      n += c >= '5';
      ++places;
    }
    if (places > power_of_ten) continue;
    if (n >= kMost / 10) return std::nullopt;
    n = 10 * n + (c - '0');
    if (places >= 0) ++places;
  }
  if (!any) return std::nullopt;
  for (int p = std::max(places, 0); p < power_of_ten; ++p) {
    if (n >= kMost / 10) return std::nullopt;
    n *= 10;
  }
  return negative ? -n : n;
}

std::optional<std::int64_t> date_ns(std::string_view text) {
  const auto year = take_digits(text, 4);
  const bool dashes = take(text, '-');
  const auto month = take_digits(text, 2);
  const bool more = take(text, '-');
  const auto day = take_digits(text, 2);
  if (!year || !dashes || !month || !more || !day || !(take(text, ' ') || take(text, 'T')))
    return std::nullopt;
  const auto hour = take_digits(text, 2);
  const bool colon = take(text, ':');
  const auto minute = take_digits(text, 2);
  const bool colons = take(text, ':');
  const auto second = take_digits(text, 2);
  if (!hour || !colon || !minute || !colons || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60 || *year < 1700 || *year > 2200)
    return std::nullopt;
  std::int64_t fraction = 0;
  if (take(text, '.')) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto ns = scaled_decimal("0." + std::string(text.substr(0, end)), 9);
    if (end == 0 || !ns) return std::nullopt;
    fraction = *ns;
    text.remove_prefix(end);
  }
  const auto zone = zone_s(text);
  if (!zone) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * kSecondsPerDay + *hour * 3600 + *minute * 60 + *second - *zone;
  return seconds * kNsPerSecond + fraction;
}

std::string write_date(std::int64_t ns) {
  const std::int64_t day_ns = kSecondsPerDay * kNsPerSecond;
  const std::int64_t day = ns >= 0 ? ns / day_ns : -((-ns + day_ns - 1) / day_ns);
  const std::int64_t in_day = ns - day * day_ns, s = in_day / kNsPerSecond;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), s / 3600,
                     s / 60 % 60, s % 60, in_day % kNsPerSecond);
}

}  // namespace tideline::workload::traces
