#include "sim/finance/channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/metrics/day.h"

namespace tideline::finance {

using config::Node;

bool windows_fit_slots(const catalog::PriceBook& book) {
  return std::all_of(book.windows.begin(), book.windows.end(), [](const catalog::PriceWindow& w) {
    return w.from_minute % metrics::kSlotMinutes == 0 && w.to_minute % metrics::kSlotMinutes == 0;
  });
}

Channels::Channels(const Node& money, std::string time_zone)
    : money_(money), time_zone_(std::move(time_zone)) {}

Channel Channels::read(const Node& node, const Channel* above) {
  Channel channel = above ? *above : Channel{};
  channel.free_share = node.fraction("free_share", channel.free_share);
  if (!above || node.has("price_book") || node.has("mix")) channel.sold = read_sold(node, above);
  return channel;
}

std::vector<Sold> Channels::read_sold(const Node& node, const Channel* above) {
  std::vector<Sold> sold;
  if (!above || node.has("price_book"))
    sold.push_back(read_book(node));
  else
    sold.push_back(above->sold.front());
  sold.front().share = 1.0;
  if (!node.has("mix")) return sold;
  for (const Node& part : node.list("mix")) {
    sold.push_back(read_book(part));
    sold.back().share = part.fraction("share");
    sold.front().share -= sold.back().share;
  }
  if (sold.front().share < -1e-9) node.problem("mix", "the shares of other models add up to more than 1");
  sold.front().share = std::max(sold.front().share, 0.0);
  return sold;
}

Sold Channels::read_book(const Node& node) {
  Sold sold;
  sold.book = catalog::load_price_book(node, "price_book");
  sold.model = node.text("model", sold.book.name);
  if (!windows_fit_slots(sold.book))
    node.problem("price_book", "a window of this book does not begin and end at a quarter of an hour");
  if (!sold.book.windows.empty() && sold.book.time_zone != time_zone_)
    node.problem("price_book", fmt::format("this book has hours of {}, the scenario those of {}",
                                           sold.book.time_zone, time_zone_));
  if (sold.book.currency != "USD" && !sold.book.currency.empty())
    sold.usd_per_currency = exchange_rate(node, sold.book.currency);
  return sold;
}

double Channels::exchange_rate(const Node& node, const std::string& currency) {
  if (!currency_.empty()) {
    if (currency != currency_)
      node.problem("price_book", fmt::format("this book is in {}, another in {}: one rate cannot serve both",
                                             currency, currency_));
    return rate_;
  }
  currency_ = currency;
  rate_ = money_.number("usd_per_currency");
  if (rate_ <= 0.0) money_.problem("usd_per_currency", "a currency is worth more than nothing");
  return rate_;
}

}  // namespace tideline::finance
