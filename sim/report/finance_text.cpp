#include <fmt/format.h>

#include <algorithm>

#include <cmath>
#include <string_view>

#include "sim/report/finance_report.h"
#include "sim/report/numbers.h"

namespace tideline::report {
namespace {

using namespace finance;

std::string usd(Money amount) {
  return grouped(amount.usd(), 2);
}

std::string share_or_none(std::optional<double> x) {
  return x ? share(*x) : "none";
}

std::string published(const Case& c, std::string_view key, int decimals, bool percent) {
  const auto found = c.published.find(std::string(key));
  if (found == c.published.end()) return "";
  return percent ? fmt::format("{:.{}f} %", found->second * 100.0, decimals)
                 : grouped(found->second, decimals);
}

std::string cases(const Study& study) {
  std::size_t width = 34;
  for (const Case& c : study.cases) width = std::max(width, c.name.size());
  std::string out = fmt::format("  {:<{}}{:>14}{:>14}{:>14}{:>9}{:>10}{:>13}\n", "case", width, "revenue USD",
                                "cost USD", "profit USD", "margin", "profit", "break-even");
  out += fmt::format("  {:<{}}{:>14}{:>14}{:>14}{:>9}{:>10}{:>13}\n", "", width, "", "", "", "", "/ cost",
                     "paid share");
  for (const Case& c : study.cases) {
    const Statement& s = c.statement;
    out += fmt::format("  {:<{}}{:>14}{:>14}{:>14}{:>9}{:>10}{:>13}\n", c.name, width,
                       usd(s.revenue.total()), usd(s.cost.total()), usd(s.profit()), share(s.gross_margin()),
                       share(s.cost_profit_ratio()), share(c.break_even.paid_share));
    if (c.published.empty()) continue;
    out += fmt::format("  {:<{}}{:>14}{:>14}{:>14}{:>9}{:>10}\n", "    published", width,
                       published(c, "revenue_usd", 2, false), published(c, "cost_usd", 2, false),
                       published(c, "profit_usd", 2, false), published(c, "gross_margin", 1, true),
                       published(c, "cost_profit_ratio", 0, true));
  }
  return out;
}

// What rounded totals leave open, where something was published that they can be held to.
std::string rounding(const Case& c) {
  const auto found = c.rounding.find("cost_profit_ratio");
  if (found == c.rounding.end()) return "";
  const Rounding &ratio = found->second, &revenue = c.rounding.at("revenue_usd");
  return fmt::format(
      "  published totals are rounded: the first case's revenue is ${} to ${}, its cost-profit ratio {:.1f} "
      "to {:.1f} %\n",
      grouped(revenue.low, 0), grouped(revenue.high, 0), ratio.low * 100.0, ratio.high * 100.0);
}

// Why a saturated run has no ratios.
std::string saturated(const Case& c) {
  if (!c.ledger.saturated) return "";
  return "  saturated: the nodes were too few for these tokens. What they served only after the window is\n"
         "  in the revenue, and no node was paid for it: there are no ratios, break-even or bands\n";
}

std::string meter_line(std::string_view label, std::int64_t tokens, Money amount) {
  const double millions = static_cast<double>(tokens) * 1e-6;
  return fmt::format("  {:<34}{:>14} Mtok{:>14}{:>14}\n", label, grouped(millions, 1),
                     tokens > 0 ? fmt::format("{:.4f}", amount.usd() / millions) : "", usd(amount));
}

std::string node_line(std::string_view label, std::int64_t node_ns, Money amount) {
  const double hours = to_hours(node_ns);
  return fmt::format("  {:<34}{:>14} h   {:>14}{:>14}\n", label, grouped(hours, 2),
                     node_ns > 0 ? fmt::format("{:.4f}", amount.usd() / hours) : "", usd(amount));
}

std::string amount_line(std::string_view label, Money amount) {
  return fmt::format("  {:<67}{:>14}\n", label, usd(amount));
}

// The states that a stage's nodes were in.
std::string stage(const Case& c, std::string_view name, ByState HourNodes::*nodes, const StageCost& cost) {
  std::string out;
  for (std::size_t s = 0; s < kNodeStates; ++s) {
    std::int64_t ns = 0;
    for (const HourNodes& h : c.ledger.hours) ns += (h.*nodes)[s];
    if (ns > 0)
      out += node_line(fmt::format("  {} nodes, {}", name, kNodeStateNames[s]), ns, cost[s].total());
  }
  return out;
}

std::string freed(const Case& c) {
  std::int64_t ns = 0;
  for (const HourStatement& h : c.statement.hours) ns += h.freed_node_ns;
  if (ns == 0) return "";
  std::string out = node_line("  nodes freed for other work", ns, c.statement.cost.freed.total());
  if (c.statement.cost.freed_value > Money{})
    out += amount_line("  less what that work is worth", Money{} - c.statement.cost.freed_value);
  return out;
}

// Owned nodes: what the cost is made of.
std::string cost_items(const Case& c) {
  CostItems all = items(c.statement.cost.prefill);
  all += items(c.statement.cost.decode);
  all += c.statement.cost.freed;
  if (all.lease == all.total()) return "";
  std::string out;
  for (const CostItem& item : kCostItems)
    if (all.*item.amount > Money{})
      out += fmt::format("{}{} {}", out.empty() ? "  of which " : ", ", item.name, usd(all.*item.amount));
  return out + "\n";
}

std::string profit_and_loss(const Case& c) {
  constexpr std::array kLabels = {"  input, cached", "  input, computed", "  output"};
  const Statement& s = c.statement;
  std::string out = fmt::format("\n  {:<34}{:>19}{:>14}{:>14}\n", c.name, "", "USD each", "USD");
  for (std::size_t m = 0; m < kMeters.size(); ++m) {
    std::int64_t given = 0;
    for (const Line& line : s.lines) given += line.given.*kMeters[m].tokens;
    out += meter_line(kLabels[m], s.tokens.*kMeters[m].tokens - given, s.revenue.*kMeters[m].amount);
  }
  out += amount_line("revenue", s.revenue.total());
  out += stage(c, "prefill", &HourNodes::prefill_ns, s.cost.prefill);
  out += stage(c, "decode", &HourNodes::decode_ns, s.cost.decode);
  out += freed(c) + amount_line("cost", s.cost.total()) + cost_items(c) + amount_line("profit", s.profit());
  out += fmt::format("  prefill costs {} a million input tokens computed, decode {} a million output\n",
                     usd_text(s.cost_per_million_miss), usd_text(s.cost_per_million_output));
  if (s.forgone.total() > Money{})
    out += fmt::format("  given away: tokens worth ${} at their price\n", usd(s.forgone.total()));
  return out;
}

std::string lines(std::string_view title, const Statement& s, const std::vector<Line>& lines,
                  std::string Line::*name) {
  constexpr std::size_t kShown = 12;
  if (lines.size() < 2 || lines.size() > kShown) return "";
  std::string out = fmt::format("\n  {:<34}{:>14}{:>14}{:>14}{:>9}{:>10}\n", title, "revenue USD", "cost USD",
                                "profit USD", "margin", "output");
  for (const Line& line : lines)
    out += fmt::format("  {:<34}{:>14}{:>14}{:>14}{:>9}{:>10}\n", "  " + line.*name,
                       usd(line.revenue.total()), usd(line.cost()), usd(line.profit()),
                       share(s.gross_margin(line.revenue.total(), line.cost())),
                       fmt::format("{:.1f} G", static_cast<double>(line.tokens.output) * 1e-9));
  return out;
}

std::string break_even_lines(const Case& c) {
  if (c.ledger.saturated) return "";
  const BreakEven& b = c.break_even;
  return fmt::format(
      "\n  profit is nothing at {} of the load, or {} of the prices, or {} of the tokens paid for,\n"
      "  or a GPU rate of {}; each alone, nodes as they are\n",
      share_or_none(b.load), share_or_none(b.price), share_or_none(b.paid_share),
      b.gpu_rate_usd_h ? fmt::format("${:.2f} an hour", *b.gpu_rate_usd_h) : "none");
}

std::string value(const LeverInfo& lever, double x) {
  return lever.factor ? fmt::format("x {:.2f}", x) : share(x);
}

std::string sensitivities(const Case& c, const Sensitivity& s) {
  const Uncertainty& u = *c.terms.uncertainty;
  std::string out = fmt::format("\n  {:<20}{:>9}{:>9}{:>9}{:>15}{:>15}{:>9}{:>9}\n", "what moves profit",
                                "low", "base", "high", "USD at low", "USD at high", "alone", "in all");
  for (const Swing& swing : s.tornado) {
    const LeverInfo& lever = *swing.range.lever;
    out +=
        fmt::format("  {:<20}{:>9}{:>9}{:>9}{:>15}{:>15}{:>9}{:>9}\n", lever.label,
                    value(lever, swing.range.low), value(lever, swing.base), value(lever, swing.range.high),
                    grouped(swing.low.profit_usd(), 0), grouped(swing.high.profit_usd(), 0),
                    share(s.sobol[swing.number].first), share(s.sobol[swing.number].total));
  }
  return out + fmt::format(
                   "  one at a time, widest first; alone / in all: share of the variance of profit (Sobol); "
                   "{:.0f} % "
                   "of the\n  nodes follow the load. Ranges are the scenario's, with their reasons (--format "
                   "json)\n",
                   u.nodes_follow * 100.0);
}

std::string band_line(std::string_view label, const std::optional<Band>& of, bool percent,
                      std::string_view better) {
  if (!of) return fmt::format("  {:<20}{:>14}{:>14}{:>14}{:>14}\n", label, "-", "-", "-", "-");
  const Band& b = *of;
  const auto text = [&](double x) { return percent ? share(x) : grouped(x, 0); };
  return fmt::format("  {:<20}{:>14}{:>14}{:>14}{:>14}   {}\n", label, text(b.p10), text(b.p50), text(b.p90),
                     text(b.mean), better);
}

std::string bands(const Bands& b) {
  return fmt::format("\n  {:<20}{:>14}{:>14}{:>14}{:>14}\n", "bands", "P10", "P50", "P90", "mean") +
         band_line("revenue USD", b.revenue_usd, false, "more is better: nine in ten exceed P10") +
         band_line("cost USD", b.cost_usd, false, "less is better: one in ten exceeds P90") +
         band_line("profit USD", b.profit_usd, false, "more is better") +
         band_line("gross margin", b.gross_margin, true, "more is better") +
         band_line("cost-profit ratio", b.cost_profit_ratio, true, "more is better") +
         fmt::format("  {} draws, each driver from its range by itself; a loss in {} of them\n", b.samples,
                     share(b.loss_share));
}

}  // namespace

std::string finance_text(const FinanceAnswer& answer) {
  const Case& base = answer.study.base();
  std::string out =
      answer.study.question + "\n\n" + cases(answer.study) + rounding(base) + saturated(base) +
      profit_and_loss(base) + lines("by model", base.statement, base.statement.by_model(), &Line::model) +
      lines("by class", base.statement, base.statement.by_class(), &Line::of_class) + break_even_lines(base);
  if (answer.sensitivity) out += sensitivities(base, *answer.sensitivity) + bands(answer.sensitivity->bands);
  return out;
}

}  // namespace tideline::report
