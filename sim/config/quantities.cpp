// The getters of values with a unit, of prices and of times of the day.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "sim/config/getter.h"
#include "sim/config/start.h"
#include "sim/config/unit_table.h"

namespace tideline::config {
namespace {

constexpr std::string_view kPriceWanted = "a price such as \"0.14 USD/Mtok\"";
constexpr std::string_view kClockWanted = "a time of day such as \"08:30\"";
constexpr std::string_view kLocalTimeWanted =
    "a time of day such as \"08:30\", or that of a date, \"2025-02-28T08:30\"";
constexpr std::size_t kMicroDigits = 6;

bool is_currency(std::string_view code) {
  return code.size() == 3 && std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "0.14" as 140000: by its digits, never through a double.
std::optional<std::int64_t> micro_units(std::string_view digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string whole(digits.substr(0, point));
  const std::string_view decimals = digits.substr(std::min(point + 1, digits.size()));
  if (decimals.size() > kMicroDigits) return std::nullopt;
  whole += decimals;
  whole.append(kMicroDigits - decimals.size(), '0');
  std::int64_t micro = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), micro);
  if (error != std::errc()) return std::nullopt;
  return micro;
}

std::optional<Price> take_price(const Value& v, Mistake& mistake) {
  const auto amount = v.kind == Kind::kText ? cut(v.text) : std::nullopt;
  if (!amount || !amount->unit.ends_with("/Mtok") || !is_currency(amount->unit.substr(0, 3)) ||
      amount->unit.size() != 8) {
    mistake.message = fmt::format("wants {}, found {}", kPriceWanted, found(v));
    mistake.suggestion = "a currency of three letters (ISO 4217) per million tokens";
    return std::nullopt;
  }
  const auto micro = micro_units(amount->digits);
  if (!amount->negative && amount->power_of_ten == 0 && micro)
    return Price{std::string(amount->unit.substr(0, 3)), Money{*micro}};
  mistake.message =
      fmt::format("wants a price of 0 or more with at most six decimals, found {}", in_quotes(v.text));
  return std::nullopt;
}

std::string write_price(const Price& price) {
  std::string decimals = fmt::format("{:06}", price.per_mtok.micro_usd % 1'000'000);
  decimals.erase(decimals.find_last_not_of('0') + 1);
  return in_quotes(fmt::format("{}{}{} {}/Mtok", price.per_mtok.micro_usd / 1'000'000,
                               decimals.empty() ? "" : ".", decimals, price.currency));
}

std::optional<std::int64_t> take_clock(const Value& v, Mistake&) {
  const auto time = v.kind == Kind::kText ? local_time(v.text) : std::nullopt;
  if (!time || time->day) return std::nullopt;
  return time->minute;
}

std::string write_clock(std::int64_t minute) {
  return in_quotes(written({.day = {}, .minute = minute}));
}

}  // namespace

// A hundred years: nanoseconds of twice as many would not fit the clock.
constexpr double kSecondsMax = 100.0 * 365.25 * 86400.0;

template <class Q>
Q Node::quantity(std::string_view key, std::optional<Q> absent) const {
  constexpr Measure kMeasure = kMeasureOf<Q>;
  const auto take = [](const Value& v, Mistake& mistake) -> std::optional<Q> {
    const auto amount = v.kind == Kind::kText ? cut(v.text) : std::nullopt;
    const Unit* const unit = amount ? find_unit(amount->unit) : nullptr;
    if (unit && unit->measure == kMeasure && !amount->negative)
      if (const double si = value_in_si(*amount, *unit); std::isfinite(si)) {
        if (!std::is_same_v<Q, Seconds> || si <= kSecondsMax) return Q(si);
        mistake = {"wants at most a hundred years", ""};
        return std::nullopt;
      }
    mistake = explain_quantity(v, kMeasure);
    return std::nullopt;
  };
  const auto write = [](Q q) { return in_quotes(write_quantity(q.value(), kMeasure)); };
  const std::string wants = fmt::format("{} such as \"{}\"", describe(kMeasure), example(kMeasure));
  return get<Q>(key, absent, {Form::Kind::kQuantity, kMeasure}, wants, take, write);
}

Duration Node::duration(std::string_view key, std::optional<Seconds> absent) const {
  return to_duration(quantity(key, absent));
}

template Seconds Node::quantity(std::string_view, std::optional<Seconds>) const;
template Bytes Node::quantity(std::string_view, std::optional<Bytes>) const;
template BytesPerSecond Node::quantity(std::string_view, std::optional<BytesPerSecond>) const;
template Tokens Node::quantity(std::string_view, std::optional<Tokens>) const;
template TokensPerSecond Node::quantity(std::string_view, std::optional<TokensPerSecond>) const;
template FlopPerSecond Node::quantity(std::string_view, std::optional<FlopPerSecond>) const;
template Dollars Node::quantity(std::string_view, std::optional<Dollars>) const;
template DollarsPerSecond Node::quantity(std::string_view, std::optional<DollarsPerSecond>) const;
template PerSecond Node::quantity(std::string_view, std::optional<PerSecond>) const;
template Watts Node::quantity(std::string_view, std::optional<Watts>) const;
template DollarsPerJoule Node::quantity(std::string_view, std::optional<DollarsPerJoule>) const;

Price Node::price(std::string_view key, std::optional<Price> absent) const {
  return get<Price>(key, absent, {Form::Kind::kPrice}, kPriceWanted, take_price, write_price);
}

std::int64_t Node::clock(std::string_view key, std::optional<std::int64_t> absent) const {
  return get<std::int64_t>(key, absent, {Form::Kind::kClock}, kClockWanted, take_clock, write_clock);
}

std::optional<LocalTime> Node::local_time(std::string_view key) const {
  using Time = std::optional<LocalTime>;
  const auto take = [](const Value& v, Mistake&) -> std::optional<Time> {
    const Time time = v.kind == Kind::kText ? config::local_time(v.text) : std::nullopt;
    return time ? std::optional<Time>(time) : std::nullopt;
  };
  const auto write = [](const Time& time) { return in_quotes(written(*time)); };
  return get<Time>(key, std::nullopt, {Form::Kind::kLocalTime}, kLocalTimeWanted, take, write);
}

}  // namespace tideline::config
