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
struct Shelf {
  const Channel* channel;
  std::size_t first_line;
  std::vector<std::int64_t> weights;  // of its models
};

std::vector<Shelf> open_lines(const Terms& terms, const Ledger& ledger, std::vector<Line>& lines) {
  std::vector<Shelf> shelves;
  for (const std::string& name : ledger.classes) {
    const Channel& channel = terms.channel(name);
    std::vector<double> shares;
    shelves.push_back({&channel, lines.size(), {}});
    for (const Sold& s : channel.sold) {
      lines.push_back({.of_class = name, .model = s.model});
      shares.push_back(s.share);
    }
    shelves.back().weights = weights_of(shares);
  }
  return shelves;
}

// The tokens of a slot by model.
std::vector<TokenCounts> by_model(const Shelf& shelf, const TokenCounts& tokens) {
  std::vector<TokenCounts> parts(shelf.weights.size());
  if (parts.size() == 1) return parts[0] = tokens, parts;
  for (const auto counter :
       {&TokenCounts::requests, &TokenCounts::input_hit, &TokenCounts::input_miss, &TokenCounts::output}) {
    const auto split_up = split(tokens.*counter, shelf.weights);
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i].*counter = split_up[i];
  }
  return parts;
}

class Books {
 public:
  Books(const Terms& terms, const Ledger& ledger)
      : terms_(terms),
        ledger_(ledger),
        committed_(terms.committed_nodes > 0 ? terms.committed_nodes : ledger.peak_nodes()) {
    statement_.hours.resize(ledger.hours.size());
    shelves_ = open_lines(terms, ledger, statement_.lines);
    by_hour_.resize(ledger.hours.size() * statement_.lines.size());
    latest_.resize(statement_.lines.size());
  }

  Statement close() {
    for (std::size_t s = 0; s < ledger_.slots(); ++s)
      for (std::size_t c = 0; c < shelves_.size(); ++c) sell(s, c);
    for (std::size_t h = 0; h < statement_.hours.size(); ++h) pay(h), allocate(h);
    sum_up();
    return std::move(statement_);
  }

 private:
  void sell(std::size_t slot, std::size_t of_class) {
    const Shelf& shelf = shelves_[of_class];
    const std::size_t hour = Ledger::hour_of(slot);
    statement_.hours[hour].tokens += ledger_.at(slot, of_class);
    const auto parts = by_model(shelf, ledger_.at(slot, of_class));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Sold& sold = shelf.channel->sold[i];
      Sale sale{
          .hour = hour, .line = shelf.first_line + i, .window = sold.book.window_at(ledger_.minute_of(slot))};
      sale.tokens = parts[i];
      for (const Meter& m : kMeters) {
        const std::int64_t tokens = parts[i].*m.tokens;
        const Money price = sold.book.of_window(sale.window).*m.price;
        const auto at_price = [&](std::int64_t count) {
          return in_dollars(tideline::times(price, count, kMillion), sold.usd_per_currency);
        };
        sale.given.*m.tokens = std::llround(static_cast<double>(tokens) * shelf.channel->free_share);
        sale.revenue.*m.amount = at_price(tokens - sale.given.*m.tokens);
        sale.forgone.*m.amount = at_price(sale.given.*m.tokens);
      }
      enter(sale);
    }
  }

  // Quarters of an hour at the same prices are one sale.
  void enter(const Sale& sale) {
    Line& line = statement_.lines[sale.line];
    line.tokens += sale.tokens, line.given += sale.given;
    line.revenue += sale.revenue, line.forgone += sale.forgone;
    HourStatement& hour = statement_.hours[sale.hour];
    hour.revenue += sale.revenue, hour.forgone += sale.forgone;
    by_hour_[sale.hour * statement_.lines.size() + sale.line] += sale.tokens;
    if (sale.tokens.input() + sale.tokens.output == 0) return;
    std::vector<Sale>& sales = statement_.sales;
    const std::size_t latest = latest_[sale.line];
    const auto same = [&](const Sale& s) {
      return s.line == sale.line && s.hour == sale.hour && s.window == sale.window;
    };
    if (latest < sales.size() && same(sales[latest])) {
      sales[latest] += sale;
    } else {
      latest_[sale.line] = sales.size();
      sales.push_back(sale);
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
    hour.freed_node_ns = std::max<std::int64_t>(committed_ * ledger_.length_of(h).ns - nodes.held_ns(), 0);
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
    s.saturated = ledger_.saturated;
    for (const HourStatement& h : s.hours) {
      s.tokens += h.tokens;
      s.revenue += h.revenue;
      s.forgone += h.forgone;
      s.cost += h.cost;
    }
    const auto per_million = [&](Money cost, std::int64_t tokens) -> std::optional<double> {
      if (s.saturated || tokens == 0) return std::nullopt;
      return cost.usd() * 1e6 / static_cast<double>(tokens);
    };
    s.cost_per_million_miss = per_million(s.cost.of_prefill(), s.tokens.input_miss);
    s.cost_per_million_output = per_million(s.cost.of_decode(), s.tokens.output);
    s.nodes_mean =
        ledger_.node_hours() * static_cast<double>(kNsPerHour) / static_cast<double>(ledger_.window.ns);
    s.nodes_peak = ledger_.peak_nodes();
  }

  const Terms& terms_;
  const Ledger& ledger_;
  std::int64_t committed_;  // nodes, where they are paid for round the clock
  Statement statement_;
  std::vector<Shelf> shelves_;
  std::vector<TokenCounts> by_hour_;  // [hour * lines + line]
  std::vector<std::size_t> latest_;   // sale of each line
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

Money working(const StageCost& cost) {
  return cost[static_cast<std::size_t>(NodeState::kServing)].total() +
         cost[static_cast<std::size_t>(NodeState::kDraining)].total();
}

Cost& Cost::operator+=(const Cost& other) {
  for (std::size_t s = 0; s < kNodeStates; ++s) prefill[s] += other.prefill[s], decode[s] += other.decode[s];
  freed += other.freed;
  freed_value += other.freed_value;
  return *this;
}

Sale& Sale::operator+=(const Sale& other) {
  tokens += other.tokens, given += other.given;
  revenue += other.revenue, forgone += other.forgone;
  return *this;
}

Line& Line::operator+=(const Line& other) {
  tokens += other.tokens, given += other.given;
  revenue += other.revenue, forgone += other.forgone;
  cost_prefill += other.cost_prefill, cost_decode += other.cost_decode, cost_freed += other.cost_freed;
  return *this;
}

std::optional<double> gross_margin(Money revenue, Money cost) {
  return revenue > Money{} ? std::optional((revenue - cost).usd() / revenue.usd()) : std::nullopt;
}

std::optional<double> cost_profit_ratio(Money revenue, Money cost) {
  return cost > Money{} ? std::optional((revenue - cost).usd() / cost.usd()) : std::nullopt;
}

std::optional<double> Statement::gross_margin(Money of_revenue, Money of_cost) const {
  return saturated ? std::nullopt : finance::gross_margin(of_revenue, of_cost);
}

std::optional<double> Statement::cost_profit_ratio(Money of_revenue, Money of_cost) const {
  return saturated ? std::nullopt : finance::cost_profit_ratio(of_revenue, of_cost);
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
