#include <nlohmann/json.hpp>

#include "sim/base/clock.h"
#include "sim/report/finance_report.h"
#include "sim/report/parts_json.h"

namespace tideline::report {
namespace {

using namespace finance;
using Json = nlohmann::ordered_json;

Json items_json(const CostItems& items) {
  Json out;
  for (const CostItem& item : kCostItems)
    if (items.*item.amount != Money{}) out[std::string(item.name)] = (items.*item.amount).usd();
  out["total"] = items.total().usd();
  return out;
}

Json stage_json(const StageCost& cost) {
  Json out;
  for (std::size_t s = 0; s < kNodeStates; ++s)
    if (cost[s].total() != Money{}) out[std::string(kNodeStateNames[s])] = items_json(cost[s]);
  out["total"] = items(cost).total().usd();
  return out;
}

Json cost_json(const Cost& c) {
  return {{"prefill", stage_json(c.prefill)},
          {"decode", stage_json(c.decode)},
          {"freed", items_json(c.freed)},
          {"freed_value", c.freed_value.usd()},
          {"total", c.total().usd()}};
}

// Of the window of a statement, or a part of it.
Json ratios(const Statement& s, Money revenue, Money cost) {
  return {{"profit_usd", (revenue - cost).usd()},
          {"gross_margin", or_null(s.gross_margin(revenue, cost))},
          {"cost_profit_ratio", or_null(s.cost_profit_ratio(revenue, cost))}};
}

Json line_json(const Statement& s, const Line& line) {
  Json out;
  if (!line.of_class.empty()) out["class"] = line.of_class;
  if (!line.model.empty()) out["model"] = line.model;
  out["tokens"] = tokens_json(line.tokens);
  out["given_tokens"] = tokens_json(line.given);
  out["revenue_usd"] = revenue_json(line.revenue);
  out["forgone_usd"] = revenue_json(line.forgone);
  out["cost_usd"] = {{"prefill", line.cost_prefill.usd()},
                     {"decode", line.cost_decode.usd()},
                     {"freed", line.cost_freed.usd()},
                     {"total", line.cost().usd()}};
  out.update(ratios(s, line.revenue.total(), line.cost()));
  return out;
}

Json lines_json(const Statement& s, const std::vector<Line>& lines) {
  Json out = Json::array();
  for (const Line& line : lines) out.push_back(line_json(s, line));
  return out;
}

Json hour_json(const Case& c, std::size_t h) {
  const HourStatement& hour = c.statement.hours[h];
  Json out{{"local_hour", local_hour(c.ledger.first_minute, h)},
           {"tokens", tokens_json(hour.tokens)},
           {"prefill_node_ns", hour.prefill_node_ns},
           {"decode_node_ns", hour.decode_node_ns},
           {"freed_node_ns", hour.freed_node_ns},
           {"revenue_usd", revenue_json(hour.revenue)},
           {"forgone_usd", revenue_json(hour.forgone)},
           {"cost_usd", cost_json(hour.cost)}};
  out.update(ratios(c.statement, hour.revenue.total(), hour.cost.total()));
  return out;
}

// Every meter of every model in every hour, at one set of prices.
Json sales_json(const Statement& s) {
  Json out = Json::array();
  for (const Sale& sale : s.sales)
    out.push_back({{"hour", sale.hour},
                   {"class", s.lines[sale.line].of_class},
                   {"model", s.lines[sale.line].model},
                   {"tokens", tokens_json(sale.tokens)},
                   {"given_tokens", tokens_json(sale.given)},
                   {"revenue_usd", revenue_json(sale.revenue)}});
  return out;
}

Json case_json(const Case& c) {
  Json out{{"name", c.name}, {"set", c.set}};
  for (const Figure& f : kFigures) {
    out["figures"][std::string(f.key)] = or_null(f.of(c));
  }
  for (const auto& [key, value] : c.published) out["published"][key] = value;
  for (const auto& [key, r] : c.rounding) out["from_rounding"][key] = {r.low, r.high};
  return out;
}

Json statement_json(const Case& c) {
  Json out{{"revenue_usd", revenue_json(c.statement.revenue)},
           {"forgone_usd", revenue_json(c.statement.forgone)},
           {"cost_usd", cost_json(c.statement.cost)}};
  out.update(ratios(c.statement, c.statement.revenue.total(), c.statement.cost.total()));
  out["by_model"] = lines_json(c.statement, c.statement.by_model());
  out["by_class"] = lines_json(c.statement, c.statement.by_class());
  out["lines"] = lines_json(c.statement, c.statement.lines);
  for (std::size_t h = 0; h < c.statement.hours.size(); ++h) out["hours"].push_back(hour_json(c, h));
  out["sales"] = sales_json(c.statement);
  return out;
}

Json outcome_json(const Outcome& o) {
  return {{"revenue_usd", o.revenue_usd},
          {"cost_usd", o.cost_usd},
          {"profit_usd", o.profit_usd()},
          {"gross_margin", or_null(o.gross_margin())},
          {"cost_profit_ratio", or_null(o.cost_profit_ratio())}};
}

Json band_json(const std::optional<Band>& of, const char* better) {
  if (!of) return nullptr;
  const Band& b = *of;
  return {{"p10", b.p10}, {"p50", b.p50}, {"p90", b.p90}, {"mean", b.mean}, {"better", better}};
}

Json sensitivity_json(const Case& c, const Sensitivity& s) {
  const Uncertainty& u = *c.terms.uncertainty;
  Json out{{"samples", u.samples}, {"seed", u.seed}, {"nodes_follow", u.nodes_follow}};
  for (const Swing& swing : s.tornado) {
    const Range& r = swing.range;
    out["drivers"].push_back({{"driver", r.lever->name},
                              {"low", r.low},
                              {"base", swing.base},
                              {"high", r.high},
                              {r.assumed ? "assumed" : "source", r.reason},
                              {"at_low", outcome_json(swing.low)},
                              {"at_high", outcome_json(swing.high)},
                              {"profit_swing_usd", swing.width_usd()},
                              {"sobol_first", s.sobol[swing.number].first},
                              {"sobol_total", s.sobol[swing.number].total}});
  }
  const Bands& b = s.bands;
  out["bands"] = {{"revenue_usd", band_json(b.revenue_usd, "more")},
                  {"cost_usd", band_json(b.cost_usd, "less")},
                  {"profit_usd", band_json(b.profit_usd, "more")},
                  {"gross_margin", band_json(b.gross_margin, "more")},
                  {"cost_profit_ratio", band_json(b.cost_profit_ratio, "more")},
                  {"loss_share", b.loss_share}};
  return out;
}

}  // namespace

std::string finance_json(const FinanceAnswer& answer) {
  const Study& study = answer.study;
  Json out{{"question", study.question}, {"start", study.start.text}, {"time_zone", study.time_zone}};
  for (const Case& c : study.cases) out["cases"].push_back(case_json(c));
  if (!study.published_source.empty()) out["published_source"] = study.published_source;
  out["saturated"] = study.base().ledger.saturated;
  out["statement"] = statement_json(study.base());
  if (answer.sensitivity) out["sensitivity"] = sensitivity_json(study.base(), *answer.sensitivity);
  out["input"] = Json::parse(study.effective);
  return out.dump(2) + "\n";
}

}  // namespace tideline::report
