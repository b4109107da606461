// Price books: what a service charges per million tokens, by meter, with time-of-day windows in the service's
// own time zone. A book is in one currency.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/money.h"

namespace tideline::catalog {

// Micro-units of the book's currency per million tokens.
struct TokenPrices {
  Money input_hit, input_miss, output;
};

struct PriceWindow {
  std::int64_t from_minute = 0, to_minute = 0;  // of the local day; may wrap past midnight
  TokenPrices prices;
};

struct PriceBook {
  std::string name;
  std::string currency;   // ISO 4217
  std::string time_zone;  // IANA name
  TokenPrices list;
  std::vector<PriceWindow> windows;
  std::string source, as_of;

  // The prices in force at a minute of the local day.
  [[nodiscard]] const TokenPrices& at(std::int64_t minute_of_day) const;
};

PriceBook load_price_book(const std::string& name);

}  // namespace tideline::catalog
