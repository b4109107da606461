#include "sim/catalog/prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <filesystem>

#include "sim/base/check.h"
#include "sim/catalog/models.h"
#include "sim/config/file_name.h"

namespace tideline::catalog {
namespace {

using config::Node;
constexpr std::int64_t kDay = 24 * 60;

bool holds(const PriceWindow& window, std::int64_t minute) {
  if (window.from_minute < window.to_minute) return window.from_minute <= minute && minute < window.to_minute;
  return minute >= window.from_minute || minute < window.to_minute;
}

Money read_price(const Node& node, std::string_view key, const std::string& currency) {
  const config::Price price = node.price(key);
  if (!price.currency.empty() && price.currency != currency)
    node.problem(key, fmt::format("the book is in {}, found a price in {}", currency, price.currency));
  return price.per_mtok;
}

TokenPrices read_prices(const Node& node, const std::string& currency) {
  return {read_price(node, "input_hit", currency), read_price(node, "input_miss", currency),
          read_price(node, "output", currency)};
}

std::vector<PriceWindow> read_windows(const Node& root, const std::string& currency) {
  std::vector<PriceWindow> windows;
  if (!root.has("windows")) return windows;
  std::bitset<kDay> taken;
  for (const Node& node : root.list("windows")) {
    PriceWindow window{node.clock("from"), node.clock("to"), read_prices(node, currency)};
    if (window.from_minute == window.to_minute)
      node.problem("to", "the window is empty: it ends when it begins");
    bool overlaps = false;
    for (std::int64_t minute = 0; minute < kDay; ++minute) {
      if (window.from_minute == window.to_minute || !holds(window, minute)) continue;
      overlaps = overlaps || taken[static_cast<std::size_t>(minute)];
      taken.set(static_cast<std::size_t>(minute));
    }
    if (overlaps) node.problem("", "this window overlaps one before it");
    windows.push_back(window);
  }
  return windows;
}

}  // namespace

std::size_t PriceBook::window_at(std::int64_t minute_of_day) const {
  CHECK(minute_of_day >= 0 && minute_of_day < kDay, "minute {}", minute_of_day);
  const auto in_force = [&](const PriceWindow& window) { return holds(window, minute_of_day); };
  return static_cast<std::size_t>(std::ranges::find_if(windows, in_force) - windows.begin());
}

const TokenPrices& PriceBook::at(std::int64_t minute_of_day) const {
  return of_window(window_at(minute_of_day));
}

PriceBook load_price_book(const std::string& name_or_path) {
  const bool own = config::names_a_file(name_or_path);
  const config::Document document =
      own ? config::Document::load(name_or_path) : load_record(find_record("price", name_or_path));
  const Node root = document.root();
  PriceBook book;
  book.name = own ? std::filesystem::path(name_or_path).stem().string() : name_or_path;
  book.currency = root.text("currency");
  book.time_zone = root.text("time_zone");
  book.list = read_prices(root.object("list"), book.currency);
  book.windows = read_windows(root, book.currency);
  const Origin origin = read_origin(root);
  book.source = origin.source;
  book.as_of = origin.as_of;
  document.finish();
  return book;
}

PriceBook load_price_book(const Node& at, std::string_view key) {
  return load_price_book(read_name_or_file(at, key, "price"));
}

}  // namespace tideline::catalog
