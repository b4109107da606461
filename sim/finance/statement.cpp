#include "sim/finance/statement.h"

#include <algorithm>
#include <cmath>

#include "sim/finance/split.h"

namespace tideline::finance {
namespace {

using metrics::TokenCounts;

constexpr std::int64_t kMillion = 1'000'000;

Money in_dollars(Money amount, double usd_per_currency) {
  if (usd_per_currency == 1.0) return amount;
  return {std::llround(static_cast<double>(amount.micro_usd) * usd_per_currency)};
}

// A class as it is sold, with the lines that its models are.
struct Sale {
  const Channel* channel;
  std::size_t first_line;
  std::vector<std::int64_t> weights;  // of its models
};

std::vector<Sale> open_lines(const Terms& terms, const Ledger& ledger, std::vector<Line>& lines) {
  std::vector<Sale> sales;
  for (const std::string& name : ledger.classes) {
    const Channel& channel = terms.channel(name);
    std::vector<double> shares;
    sales.push_back({&channel, lines.size(), {}});
    for (const Sold& s : channel.sold) {
      lines.push_back({.of_class = name, .model = s.model});
      shares.push_back(s.share);
    }
    sales.back().weights = weights_of(shares);
  }
  return sales;
}

// The tokens of a slot by model.
std::vector<TokenCounts> by_model(const Sale& sale, const TokenCounts& tokens) {
  std::vector<TokenCounts> parts(sale.weights.size());
  if (parts.size() == 1) return parts[0] = tokens, parts;
  for (const auto counter :
       {&TokenCounts::requests, &TokenCounts::input_hit, &TokenCounts::input_miss, &TokenCounts::output}) {
    const auto split_up = split(tokens.*counter, sale.weights);
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i].*counter = split_up[i];
  }
  return parts;
}

class Books {
 public:
  Books(const Terms& terms, const Ledger& ledger) : terms_(terms), ledger_(ledger) {
    statement_.hours.resize(ledger.hours.size());
    sales_ = open_lines(terms, ledger, statement_.lines);
    by_hour_.resize(ledger.hours.size() * statement_.lines.size());
  }

  Statement close() {
    for (std::size_t s = 0; s < ledger_.slots(); ++s)
      for (std::size_t c = 0; c < sales_.size(); ++c) sell(s, c);
    for (std::size_t h = 0; h < statement_.hours.size(); ++h) pay(h), allocate(h);
    sum_up();
    return std::move(statement_);
  }

 private:
  void sell(std::size_t slot, std::size_t of_class) {
    const Sale& sale = sales_[of_class];
    HourStatement& hour = statement_.hours[Ledger::hour_of(slot)];
    hour.tokens += ledger_.at(slot, of_class);
    const auto parts = by_model(sale, ledger_.at(slot, of_class));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Sold& sold = sale.channel->sold[i];
      const catalog::TokenPrices& prices = sold.book.at(ledger_.minute_of(slot));
      Line& line = statement_.lines[sale.first_line + i];
      line.tokens += parts[i];
      by_hour_[Ledger::hour_of(slot) * statement_.lines.size() + sale.first_line + i] += parts[i];
      for (const Meter& m : kMeters) {
        const std::int64_t tokens = parts[i].*m.tokens;
        const auto given = std::llround(static_cast<double>(tokens) * sale.channel->free_share);
        const auto at_price = [&](std::int64_t count) {
          return in_dollars(tideline::times(prices.*m.price, count, kMillion), sold.usd_per_currency);
        };
        const Money earned = at_price(tokens - given), forgone = at_price(given);
        line.given.*m.tokens += given;
        line.revenue.*m.amount += earned, line.forgone.*m.amount += forgone;
        hour.revenue.*m.amount += earned, hour.forgone.*m.amount += forgone;
      }
    }
  }

  void pay(std::size_t h) {
    const HourNodes& nodes = ledger_.hours[h];
    HourStatement& hour = statement_.hours[h];
    for (std::size_t s = 0; s < kNodeStates; ++s) {
      hour.cost.prefill[s] = times(terms_.node_hour, nodes.prefill_ns[s]);
      hour.cost.decode[s] = times(terms_.node_hour, nodes.decode_ns[s]);
    }
    hour.prefill_node_ns = finance::total(nodes.prefill_ns);
    hour.decode_node_ns = finance::total(nodes.decode_ns);
    hour.peak_nodes = nodes.peak;
    if (terms_.commitment == Commitment::kAsUsed) return;
    const std::int64_t committed = terms_.committed_nodes > 0 ? terms_.committed_nodes : ledger_.peak_nodes();
    hour.freed_node_ns = std::max<std::int64_t>(committed * ledger_.length_of(h).ns - nodes.held_ns(), 0);
    hour.cost.freed = times(terms_.freed_hour(), hour.freed_node_ns);
    hour.cost.freed_value = tideline::times(terms_.freed_value, hour.freed_node_ns, kNsPerHour);
  }

  // The cost of an hour to the lines that caused it; in an hour without tokens, to those of the window.
  void allocate(std::size_t h) {
    std::vector<Line>& lines = statement_.lines;
    const auto by = [&](std::int64_t TokenCounts::*meter) {
      std::vector<std::int64_t> weights(lines.size());
      bool any = false;
      for (std::size_t i = 0; i < lines.size(); ++i)
        any = (weights[i] = by_hour_[h * lines.size() + i].*meter) > 0 || any;
      for (std::size_t i = 0; i < lines.size() && !any; ++i) weights[i] = lines[i].tokens.*meter;
      return weights;
    };
    const Cost& cost = statement_.hours[h].cost;
    const auto prefill = split(cost.of_prefill().micro_usd, by(&TokenCounts::input_miss));
    const auto decode = split(cost.of_decode().micro_usd, by(&TokenCounts::output));
    std::vector<std::int64_t> both(lines.size());
    std::ranges::transform(prefill, decode, both.begin(), std::plus{});
    const auto freed = split(cost.of_freed().micro_usd, both);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      lines[i].cost_prefill += Money{prefill[i]};
      lines[i].cost_decode += Money{decode[i]};
      lines[i].cost_freed += Money{freed[i]};
    }
  }

  void sum_up() {
    Statement& s = statement_;
    for (const HourStatement& h : s.hours) {
      s.tokens += h.tokens;
      s.revenue += h.revenue;
      s.forgone += h.forgone;
      s.cost += h.cost;
    }
    const auto per_million = [](Money cost, std::int64_t tokens) {
      return tokens > 0 ? cost.usd() * 1e6 / static_cast<double>(tokens) : 0.0;
    };
    s.cost_per_million_miss = per_million(s.cost.of_prefill(), s.tokens.input_miss);
    s.cost_per_million_output = per_million(s.cost.of_decode(), s.tokens.output);
    s.nodes_mean =
        ledger_.node_hours() * static_cast<double>(kNsPerHour) / static_cast<double>(ledger_.window.ns);
    s.nodes_peak = ledger_.peak_nodes();
  }

  const Terms& terms_;
  const Ledger& ledger_;
  Statement statement_;
  std::vector<Sale> sales_;
  std::vector<TokenCounts> by_hour_;  // [hour * lines + line]
};

std::vector<Line> summed(const std::vector<Line>& lines, std::string Line::*kept,
                         std::string Line::*dropped) {
  std::vector<Line> sums;
  for (const Line& line : lines) {
    auto sum = std::ranges::find(sums, line.*kept, kept);
    if (sum == sums.end()) {
      sums.push_back(line);
      (sums.back().*dropped).clear();
    } else {
      *sum += line;
    }
  }
  return sums;
}

}  // namespace

Revenue& Revenue::operator+=(const Revenue& other) {
  for (const Meter& m : kMeters) this->*m.amount += other.*m.amount;
  return *this;
}

CostItems items(const StageCost& cost) {
  CostItems sum;
  for (const CostItems& state : cost) sum += state;
  return sum;
}

Cost& Cost::operator+=(const Cost& other) {
  for (std::size_t s = 0; s < kNodeStates; ++s) prefill[s] += other.prefill[s], decode[s] += other.decode[s];
  freed += other.freed;
  freed_value += other.freed_value;
  return *this;
}

Line& Line::operator+=(const Line& other) {
  tokens += other.tokens, given += other.given;
  revenue += other.revenue, forgone += other.forgone;
  cost_prefill += other.cost_prefill, cost_decode += other.cost_decode, cost_freed += other.cost_freed;
  return *this;
}

double gross_margin(Money revenue, Money cost) {
  return revenue > Money{} ? (revenue - cost).usd() / revenue.usd() : 0.0;
}

double cost_profit_ratio(Money revenue, Money cost) {
  return cost > Money{} ? (revenue - cost).usd() / cost.usd() : 0.0;
}

std::vector<Line> Statement::by_model() const {
  return summed(lines, &Line::model, &Line::of_class);
}

std::vector<Line> Statement::by_class() const {
  return summed(lines, &Line::of_class, &Line::model);
}

Statement account(const Terms& terms, const Ledger& ledger) {
  return Books(terms, ledger).close();
}

}  // namespace tideline::finance
