// Money as whole micro-dollars, so that hours add up to the day and meters to the total, to the cent.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

#include "sim/base/units.h"

namespace tideline {

struct Money {
  std::int64_t micro_usd = 0;
  auto operator<=>(const Money&) const = default;
  friend constexpr Money operator+(Money a, Money b) { return {a.micro_usd + b.micro_usd}; }
  friend constexpr Money operator-(Money a, Money b) { return {a.micro_usd - b.micro_usd}; }
  constexpr Money& operator+=(Money b) { micro_usd += b.micro_usd; return *this; }
  [[nodiscard]] constexpr double usd() const { return static_cast<double>(micro_usd) * 1e-6; }
};

inline Money to_money(Dollars d) { return {std::llround(d.value() * 1e6)}; }

// count × price / per, rounded half away from zero, in 128-bit arithmetic: exact for any day.
constexpr Money times(Money price, std::int64_t count, std::int64_t per) {
  __extension__ using Wide = __int128;
  const Wide product = static_cast<Wide>(price.micro_usd) * count;
  const Wide half = per / 2;
  return {static_cast<std::int64_t>((product >= 0 ? product + half : product - half) / per)};
}

}  // namespace tideline
