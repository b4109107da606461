#include "sim/finance/drivers.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/base/quantile.h"

namespace tideline::finance {
namespace {

enum : std::size_t { kHit, kMiss, kOutput };

// What each meter is sold at, by the token, were all of it paid for.
std::array<double, kMeters.size()> mean_prices(const Statement& s) {
  std::array<double, kMeters.size()> prices{};
  for (std::size_t m = 0; m < kMeters.size(); ++m) {
    const auto tokens = static_cast<double>(s.tokens.*kMeters[m].tokens);
    const Money sold = s.revenue.*kMeters[m].amount + s.forgone.*kMeters[m].amount;
    if (tokens > 0.0) prices[m] = sold.usd() / tokens;
  }
  return prices;
}

// Prices of a day as it was sold. A kind of input of which none was: at what would have been asked of the
// other.
std::array<double, kMeters.size()> prices_of(const Terms& terms, const Ledger& ledger) {
  auto prices = mean_prices(account(terms, ledger));
  const metrics::TokenCounts all = ledger.total_tokens();
  if (all.input_hit > 0 && all.input_miss > 0) return prices;
  Ledger exchanged = ledger;
  for (metrics::TokenCounts& t : exchanged.tokens) std::swap(t.input_hit, t.input_miss);
  const std::size_t unsold = all.input_hit > 0 ? kMiss : kHit;
  prices[unsold] = mean_prices(account(terms, exchanged))[unsold];
  return prices;
}

// Books of one's own are named by their files, which may be called alike.
bool same(const catalog::PriceBook& a, const catalog::PriceBook& b) {
  return a.name == b.name && a.currency == b.currency && a.list.input_hit == b.list.input_hit &&
         a.list.input_miss == b.list.input_miss && a.list.output == b.list.output;
}

// Of all tokens, those that are priced at a book.
double share_sold_at(const catalog::PriceBook& book, const Terms& terms, const Ledger& ledger) {
  double at_book = 0.0, all = 0.0;
  for (std::size_t c = 0; c < ledger.classes.size(); ++c) {
    double tokens = 0.0;
    for (std::size_t s = 0; s < ledger.slots(); ++s)
      tokens += static_cast<double>(ledger.at(s, c).input() + ledger.at(s, c).output);
    all += tokens;
    for (const Sold& sold : terms.channel(ledger.classes[c]).sold)
      if (same(sold.book, book)) at_book += sold.share * tokens;
  }
  return all > 0.0 ? std::min(at_book / all, 1.0) : 0.0;
}

// Terms with the rest of each channel in its place. A channel that has no other book keeps it.
Terms without(const catalog::PriceBook& book, Terms terms) {
  const auto leave_out = [&](Channel& channel) {
    std::vector<Sold> rest;
    double share = 0.0;
    for (const Sold& sold : channel.sold)
      if (!same(sold.book, book)) rest.push_back(sold), share += sold.share;
    if (share <= 0.0) return;
    for (Sold& sold : rest) sold.share /= share;
    channel.sold = std::move(rest);
  };
  leave_out(terms.everyone);
  for (auto& [name, channel] : terms.by_class) leave_out(channel);
  return terms;
}

// Of a meter, with a share `mix` at the other book.
double price_at(const Drivers& d, std::size_t meter, double mix) {
  const double price = d.price[meter], base = d.base.mix;
  if (mix < base) return d.price_without_other[meter] + (price - d.price_without_other[meter]) * (mix / base);
  return base < 1.0 ? price + (d.other_price[meter] - price) * ((mix - base) / (1.0 - base)) : price;
}

// Node-hours that are paid for and not held, with `prefill` and `decode` times the nodes.
double freed_node_hours(const Drivers& d, double prefill, double decode) {
  const auto held = [&](const Drivers::Hour& h) {
    return prefill * h.prefill_node_h + decode * h.decode_node_h;
  };
  double peak = 0.0, freed = 0.0;
  for (const Drivers::Hour& h : d.by_hour)
    if (const double was = h.prefill_node_h + h.decode_node_h; was > 0.0)
      peak = std::max(peak, h.peak_nodes * held(h) / was);
  for (const Drivers::Hour& h : d.by_hour) freed += std::max(d.committed.of(peak) * h.hours - held(h), 0.0);
  return freed;
}

}  // namespace

Drivers drivers_of(const Terms& terms, const Ledger& ledger, const Statement& statement) {
  Drivers d;
  for (std::size_t m = 0; m < kMeters.size(); ++m)
    d.tokens[m] = static_cast<double>(statement.tokens.*kMeters[m].tokens);
  d.price = d.price_without_other = d.other_price = prices_of(terms, ledger);
  for (std::size_t h = 0; h < statement.hours.size(); ++h) {
    const HourStatement& hour = statement.hours[h];
    d.by_hour.push_back({.hours = to_hours(ledger.length_of(h).ns),
                         .prefill_node_h = to_hours(hour.prefill_node_ns),
                         .decode_node_h = to_hours(hour.decode_node_ns),
                         .peak_nodes = static_cast<double>(hour.peak_nodes)});
    d.prefill_node_h += d.by_hour.back().prefill_node_h;
    d.decode_node_h += d.by_hour.back().decode_node_h;
  }
  d.committed = terms.committed();
  d.held_rate = terms.node_hour.total().usd();
  d.freed_rate = terms.freed_hour().total().usd();
  d.freed_value = terms.freed_value.usd();
  const double at_price = (statement.revenue.total() + statement.forgone.total()).usd();
  d.base.paid_share = at_price > 0.0 ? statement.revenue.total().usd() / at_price : 1.0;
  const double input = d.tokens[kHit] + d.tokens[kMiss];
  d.base.cache_hit_share = input > 0.0 ? d.tokens[kHit] / input : 0.0;
  if (!terms.uncertainty) return d;
  d.nodes_follow = terms.uncertainty->nodes_follow;
  if (!terms.uncertainty->other) return d;
  d.base.mix = share_sold_at(terms.uncertainty->other->book, terms, ledger);
  if (d.base.mix > 0.0)
    d.price_without_other = prices_of(without(terms.uncertainty->other->book, terms), ledger);
  Terms other = terms;
  other.everyone = {{*terms.uncertainty->other}, 0.0};
  other.by_class.clear();
  d.other_price = prices_of(other, ledger);
  return d;
}

Outcome outcome(const Drivers& d, const Levers& l) {
  const double hit0 = d.base.cache_hit_share;
  const double misses = hit0 < 1.0 ? (1.0 - l.cache_hit_share) / (1.0 - hit0) : 1.0;
  const double input = d.tokens[kHit] + d.tokens[kMiss];
  const std::array<double, kMeters.size()> tokens = {input * l.cache_hit_share,
                                                     input * (1.0 - l.cache_hit_share), d.tokens[kOutput]};
  Outcome o;
  for (std::size_t m = 0; m < kMeters.size(); ++m) o.revenue_usd += tokens[m] * price_at(d, m, l.mix);
  o.revenue_usd *= l.paid_share * l.price * l.load;
  const double prefill = 1.0 + d.nodes_follow * (l.load * misses - 1.0);
  const double decode = 1.0 + d.nodes_follow * (l.load - 1.0);
  const double held = l.efficiency * (d.prefill_node_h * prefill + d.decode_node_h * decode);
  const double freed = freed_node_hours(d, l.efficiency * prefill, l.efficiency * decode);
  o.cost_usd = l.gpu_rate * (held * d.held_rate + freed * d.freed_rate) - freed * d.freed_value;
  return o;
}

double quantile(const Range& r, double base, double p) {
  if (!r.drawn.empty()) return at_share(r.drawn, p);
  const double width = r.high - r.low;
  if (r.shape == Shape::kUniform || width <= 0.0) return r.low + width * p;
  const double mode = std::clamp(base, r.low, r.high), below = (mode - r.low) / width;
  return p < below ? r.low + std::sqrt(p * width * (mode - r.low))
                   : r.high - std::sqrt((1.0 - p) * width * (r.high - mode));
}

}  // namespace tideline::finance
