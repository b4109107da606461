// Price books: what a service charges per million tokens, by meter, with time-of-day windows in the service's
// own time zone. A book is in one currency.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/money.h"
#include "sim/config/node.h"

namespace tideline::catalog {

// Micro-units of the book's currency per million tokens (Money::micro_usd holds micro-CNY in a CNY book).
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
  std::vector<PriceWindow> windows;  // none overlap
  std::string source, as_of;

  // The window in force at a minute of the local day, or windows.size() where it is the list. A window holds
  // its first minute and not its last. REQUIRES: 0 <= minute_of_day < 1440.
  [[nodiscard]] std::size_t window_at(std::int64_t minute_of_day) const;
  [[nodiscard]] const TokenPrices& of_window(std::size_t window) const {
    return window < windows.size() ? windows[window].prices : list;
  }
  // The prices in force at a minute of the local day.
  // REQUIRES: 0 <= minute_of_day < 1440.
  [[nodiscard]] const TokenPrices& at(std::int64_t minute_of_day) const;
};

// By catalog name, or by the path of a book of one's own.
// Fails: throws InputError naming the known books, or the mistakes of the book.
PriceBook load_price_book(const std::string& name_or_path);
// The book that `key` of a scenario names; a path is relative to the scenario. An unknown name is a problem
// at that key.
PriceBook load_price_book(const config::Node& at, std::string_view key);

}  // namespace tideline::catalog
