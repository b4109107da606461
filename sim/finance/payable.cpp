#include "sim/finance/payable.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tideline::finance {
namespace {

// Of an int64 of micro-dollars, so that sums of revenue, of what is given away and of cost fit.
constexpr double kUsdMax = 3e12;

[[noreturn]] void refuse(Problem at, std::string message, std::string suggestion = "") {
  at.message = std::move(message), at.suggestion = std::move(suggestion);
  throw InputError(std::move(at));
}

// No less than the cost: every node that is paid for as if it was held.
double most_cost_usd(const Terms& terms, const Ledger& ledger) {
  double nodes_h = ledger.node_hours();
  if (terms.commitment == Commitment::kRoundTheClock) {
    const auto committed = static_cast<double>(std::max(terms.committed_nodes, ledger.peak_nodes()));
    nodes_h += committed * static_cast<double>(ledger.window.ns) / static_cast<double>(kNsPerHour);
  }
  return nodes_h * std::max(terms.node_hour.total(), terms.freed_value).usd();
}

double dearest_usd(const Sold& sold) {
  std::int64_t most = 0;
  for (std::size_t w = 0; w <= sold.book.windows.size(); ++w) {
    const catalog::TokenPrices& prices = sold.book.of_window(w);
    for (const Money price : {prices.input_hit, prices.input_miss, prices.output})
      most = std::max(most, price.micro_usd);
  }
  return Money{most}.usd() * std::max(sold.usd_per_currency, 1.0);  // before and after the exchange
}

// No less than the revenue: every token at the dearest price.
double most_revenue_usd(const Terms& terms, const Ledger& ledger) {
  double usd = 0.0;
  for (std::size_t c = 0; c < ledger.classes.size(); ++c) {
    metrics::TokenCounts tokens;
    for (std::size_t s = 0; s < ledger.slots(); ++s) tokens += ledger.at(s, c);
    double dearest = 0.0;
    for (const Sold& sold : terms.channel(ledger.classes[c]).sold)
      dearest = std::max(dearest, dearest_usd(sold));
    usd += static_cast<double>(tokens.input() + tokens.output) * 1e-6 * dearest;
  }
  return usd;
}

}  // namespace

void require_payable(const Terms& terms, const Ledger& ledger) {
  const double cost = most_cost_usd(terms, ledger), revenue = most_revenue_usd(terms, ledger);
  const auto too_much = [](std::string_view what, double usd) {
    return fmt::format("{} of the window may come to {:.3g} USD: at most {:.0g} can be counted", what, usd,
                       kUsdMax);
  };
  if (!(cost <= kUsdMax)) refuse(terms.rate_at, too_much("the nodes", cost));
  if (!(revenue <= kUsdMax)) refuse(terms.prices_at, too_much("the tokens", revenue));
  if (terms.owned && terms.committed_nodes > 0 && terms.committed_nodes < ledger.peak_nodes())
    refuse(terms.committed_at,
           fmt::format("{} nodes are owned, but up to {} are held at once: nobody pays for the others",
                       terms.committed_nodes, ledger.peak_nodes()),
           fmt::format("{} or more; left out, it is as many as are held at once", ledger.peak_nodes()));
}

}  // namespace tideline::finance
