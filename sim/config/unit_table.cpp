#include "sim/config/unit_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace tideline::config {
namespace {

constexpr double kKi = 1024.0, kMi = kKi * kKi, kGi = kMi * kKi, kTi = kGi * kKi;
using enum Measure;

constexpr Unit kUnits[] = {
    {"s", kTime, 0},
    {"ns", kTime, -9},
    {"us", kTime, -6},
    {"ms", kTime, -3},
    {"min", kTime, 0, 60.0},
    {"h", kTime, 0, 3600.0},
    {"d", kTime, 0, 86400.0},
    {"y", kTime, 0, 31536000.0, 1.0, false},  // 365 days

    {"B", kData, 0},
    {"kB", kData, 3},
    {"MB", kData, 6},
    {"GB", kData, 9},
    {"TB", kData, 12},
    {"PB", kData, 15},
    {"KiB", kData, 0, kKi, 1.0, false},
    {"MiB", kData, 0, kMi, 1.0, false},
    {"GiB", kData, 0, kGi, 1.0, false},
    {"TiB", kData, 0, kTi, 1.0, false},

    {"B/s", kDataRate, 0},
    {"kB/s", kDataRate, 3},
    {"MB/s", kDataRate, 6},
    {"GB/s", kDataRate, 9},
    {"TB/s", kDataRate, 12},
    {"PB/s", kDataRate, 15},
    {"KiB/s", kDataRate, 0, kKi, 1.0, false},
    {"MiB/s", kDataRate, 0, kMi, 1.0, false},
    {"GiB/s", kDataRate, 0, kGi, 1.0, false},
    {"TiB/s", kDataRate, 0, kTi, 1.0, false},
    {"Gb/s", kDataRate, 9, 1.0, 8.0, false},  // bits
    {"Tb/s", kDataRate, 12, 1.0, 8.0, false},

    {"tok", kTokens, 0},
    {"ktok", kTokens, 3},
    {"Mtok", kTokens, 6},
    {"Gtok", kTokens, 9},
    {"Ttok", kTokens, 12},

    {"tok/s", kTokenRate, 0},
    {"ktok/s", kTokenRate, 3},
    {"Mtok/s", kTokenRate, 6},
    {"Gtok/s", kTokenRate, 9},
    {"Ttok/s", kTokenRate, 12},

    {"flop/s", kFlopRate, 0},
    {"Gflop/s", kFlopRate, 9},
    {"Tflop/s", kFlopRate, 12},
    {"Pflop/s", kFlopRate, 15},

    {"USD", kMoney, 0},
    {"USD/h", kMoneyRate, 0, 1.0, 3600.0},
    {"USD/s", kMoneyRate, 0},

    {"req/s", kRate, 0},
    {"/s", kRate, 0, 1.0, 1.0, false},

    {"W", kPower, 0},
    {"kW", kPower, 3},
    {"MW", kPower, 6},

    {"USD/kWh", kEnergyPrice, 0, 1.0, 3600000.0},
    {"USD/J", kEnergyPrice, 0},
};

struct Words {
  std::string_view description, example;
};
constexpr std::array<Words, 11> kWords = {{{"a time", "2.5 ms"},
                                           {"an amount of data", "80 GB"},
                                           {"a data rate", "50 GB/s"},
                                           {"a number of tokens", "608 Gtok"},
                                           {"a token rate", "20 tok/s"},
                                           {"a compute rate", "989 Tflop/s"},
                                           {"an amount of money", "30000 USD"},
                                           {"a price per time", "2 USD/h"},
                                           {"a rate", "1500 req/s"},
                                           {"a power", "10 kW"},
                                           {"a price of energy", "0.08 USD/kWh"}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "e-3" after the digits: its value, and its length (0 when there is none).
std::size_t cut_exponent(std::string_view text, int& power) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return 0;
  const std::size_t sign = text.size() > 1 && text[1] == '+' ? 1 : 0;
  const auto [end, error] = std::from_chars(text.data() + 1 + sign, text.data() + text.size(), power);
  return error == std::errc() ? static_cast<std::size_t>(end - text.data()) : (power = 0, 0);
}

// A decimal with its point moved, rounded once. Too large: infinity; too small: 0.
double shifted(const std::string& digits, int power) {
  const std::string decimal = fmt::format("{}e{}", digits, power);
  double value = 0.0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  if (error != std::errc() && power > 0) return std::numeric_limits<double>::infinity();
  return value;
}

}  // namespace

std::span<const Unit> units() {
  return kUnits;
}

const Unit* find_unit(std::string_view name) {
  const auto* const unit = std::ranges::find(kUnits, name, &Unit::name);
  return unit == std::end(kUnits) ? nullptr : unit;
}

std::string_view describe(Measure measure) {
  return kWords[static_cast<std::size_t>(measure)].description;
}
std::string_view example(Measure measure) {
  return kWords[static_cast<std::size_t>(measure)].example;
}

std::optional<Amount> cut(std::string_view text) {
  Amount amount;
  amount.negative = text.starts_with('-');
  if (amount.negative) text.remove_prefix(1);
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end == 0) return std::nullopt;
  if (end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1]))
    for (++end; end < text.size() && is_digit(text[end]);) ++end;
  amount.digits = text.substr(0, end);
  end += cut_exponent(text.substr(end), amount.power_of_ten);
  amount.unit = text.substr(end);
  if (amount.unit.starts_with(' ')) amount.unit.remove_prefix(1);
  return amount;
}

double value_in_si(const Amount& amount, const Unit& unit) {
  return shifted(amount.digits, amount.power_of_ten + unit.power_of_ten) * unit.times / unit.per;
}

std::string write_quantity(double si, Measure measure) {
  std::string best;
  for (const Unit& unit : kUnits) {
    if (unit.measure != measure || !unit.written) continue;
    // Moves the decimal point in the text, as reading does.
    const Amount plain = cut(fmt::format("{}", si * unit.per / unit.times)).value_or(Amount{});
    const double number = shifted(plain.digits, plain.power_of_ten - unit.power_of_ten);
    const std::string text = fmt::format("{} {}", number, unit.name);
    const auto back = cut(text);
    if (back && value_in_si(*back, unit) == si && (best.empty() || text.size() < best.size())) best = text;
  }
  return best;
}

}  // namespace tideline::config
