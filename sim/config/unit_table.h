// Inside config: the units that may stand in a string, and the way between such a string and a number in SI
// units. "5 us" and "0.005 ms" give the same bits: the decimal point is moved in the text, then read once.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/base/units.h"
#include "sim/config/measure.h"
#include "sim/config/value.h"

namespace tideline::config {

struct Unit {
  std::string_view name;
  Measure measure;
  int power_of_ten;
  double times = 1.0, per = 1.0;
  // Units in which effective() may write: one name for one size, so that the shortest text is the canonical
  // one.
  bool written = true;
};

std::span<const Unit> units();
const Unit* find_unit(std::string_view name);
std::string_view describe(Measure measure);  // "a data rate"
std::string_view example(Measure measure);   // "50 GB/s"

// A string cut into its decimal number and what stands after it; nullopt when it does not begin with a
// number.
struct Amount {
  bool negative = false;
  std::string digits;     // with a decimal point, without exponent
  int power_of_ten = 0;   // the exponent, if there was one
  std::string_view unit;  // may be empty
};
std::optional<Amount> cut(std::string_view text);

double value_in_si(const Amount& amount, const Unit& unit);
// The shortest text that reads back as the very same number.
std::string write_quantity(double si, Measure measure);
// Why `value` is not a quantity of this measure.
Mistake explain_quantity(const Value& value, Measure measure);

template <class Q>
inline constexpr Measure kMeasureOf = Measure::kTime;
template <>
inline constexpr Measure kMeasureOf<Bytes> = Measure::kData;
template <>
inline constexpr Measure kMeasureOf<BytesPerSecond> = Measure::kDataRate;
template <>
inline constexpr Measure kMeasureOf<Tokens> = Measure::kTokens;
template <>
inline constexpr Measure kMeasureOf<TokensPerSecond> = Measure::kTokenRate;
template <>
inline constexpr Measure kMeasureOf<FlopPerSecond> = Measure::kFlopRate;
template <>
inline constexpr Measure kMeasureOf<Dollars> = Measure::kMoney;
template <>
inline constexpr Measure kMeasureOf<DollarsPerSecond> = Measure::kMoneyRate;
template <>
inline constexpr Measure kMeasureOf<PerSecond> = Measure::kRate;
template <>
inline constexpr Measure kMeasureOf<Watts> = Measure::kPower;
template <>
inline constexpr Measure kMeasureOf<DollarsPerJoule> = Measure::kEnergyPrice;

}  // namespace tideline::config
