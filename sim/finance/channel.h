// What tokens are sold as: price books by channel, which is a class of requests, and what of it is given
// away.
#pragma once

#include <string>
#include <vector>

#include "sim/catalog/prices.h"
#include "sim/config/node.h"

namespace tideline::finance {

// A share of a channel's tokens, priced at the book of a model.
struct Sold {
  std::string model;
  catalog::PriceBook book;
  double usd_per_currency = 1.0;
  double share = 1.0;
};

// What one class of requests is sold as.
struct Channel {
  std::vector<Sold> sold;   // shares add up to 1
  double free_share = 0.0;  // of its tokens, whatever the model: given away
};

// Reads channels from a scenario's "money". All that is not in US dollars is in one currency, at
// "usd_per_currency". Windows of prices hold in the service's own time zone. Fails: a problem at "price_book"
// when the book's zone is another, or a window of it begins or ends inside a slot of metrics::Day.
class Channels {
 public:
  Channels(const config::Node& money, std::string time_zone);
  // `above`: what holds where this node says nothing; null: it must.
  Channel read(const config::Node& node, const Channel* above);
  // "price_book" and "model", all of the tokens.
  Sold read_book(const config::Node& node);

  // Some book was not in dollars.
  [[nodiscard]] bool converts() const { return !currency_.empty(); }

 private:
  std::vector<Sold> read_sold(const config::Node& node, const Channel* above);
  double exchange_rate(const config::Node& node, const std::string& currency);

  config::Node money_;
  std::string time_zone_, currency_;
  double rate_ = 1.0;
};

bool windows_fit_slots(const catalog::PriceBook& book);

}  // namespace tideline::finance
