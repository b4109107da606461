#include <fmt/format.h>

#include "sim/base/clock.h"
#include "sim/workbook/sheet.h"

namespace tideline::workbook {
namespace {

using namespace finance;
using namespace hour_columns;

// What follows in a row from its revenue and its cost. Of a saturated run no ratios.
void results(Sheet& sheet, std::uint32_t row, const Statement& s, Money revenue, Money cost) {
  const std::string r = cell(row, kRevenue), c = cell(row, kCost), p = cell(row, kProfit);
  sheet.formula(row, kProfit, fmt::format("{}-{}", r, c), (revenue - cost).usd(), Look::kUsd);
  if (s.saturated) return sheet.text(row, kMargin, "none"), sheet.text(row, kRatio, "none");
  sheet.formula(row, kMargin, ratio(p, r), s.gross_margin(revenue, cost), Look::kRatio);
  sheet.formula(row, kRatio, ratio(p, c), s.cost_profit_ratio(revenue, cost), Look::kRatio);
}

void hour_row(Sheet& sheet, std::uint32_t row, std::size_t h, const Case& base, const Addresses& at) {
  const HourStatement& hour = base.statement.hours[h];
  const auto money = [&](Column column, const std::string& formula, Money value) {
    sheet.formula(row, column, formula, value.usd(), Look::kUsd);
  };
  sheet.number(row, kHour, static_cast<double>(h), Look::kPlain);
  sheet.number(row, kLocal, static_cast<double>(local_hour(base.ledger.first_minute, h)), Look::kPlain);
  sheet.number(row, kPrefillH, to_hours(hour.prefill_node_ns), Look::kHours);
  sheet.number(row, kDecodeH, to_hours(hour.decode_node_ns), Look::kHours);
  sheet.number(row, kFreedH, to_hours(hour.freed_node_ns), Look::kHours);
  for (std::uint16_t m = 0; m < kMeters.size(); ++m)
    money(static_cast<Column>(kHit + m),
          fmt::format(
              "SUMIF(Volumes!{},{},Volumes!{})",
              range(at.volume_first, at.volume_last, volume_columns::kHour), cell(row, kHour),
              range(at.volume_first, at.volume_last, static_cast<std::uint16_t>(volume_columns::kHit + m))),
          hour.revenue.*kMeters[m].amount);
  money(kRevenue, fmt::format("{}+{}+{}", cell(row, kHit), cell(row, kMiss), cell(row, kOutput)),
        hour.revenue.total());
  money(kPrefill, fmt::format("{}*{}", cell(row, kPrefillH), at.held_rate), hour.cost.of_prefill());
  money(kDecode, fmt::format("{}*{}", cell(row, kDecodeH), at.held_rate), hour.cost.of_decode());
  money(kFreed, fmt::format("{}*({}-{})", cell(row, kFreedH), at.freed_rate, at.freed_value),
        hour.cost.of_freed());
  money(kCost, fmt::format("{}+{}+{}", cell(row, kPrefill), cell(row, kDecode), cell(row, kFreed)),
        hour.cost.total());
  results(sheet, row, base.statement, hour.revenue.total(), hour.cost.total());
}

void total_row(Sheet& sheet, const Case& base, const Addresses& at) {
  const Statement& s = base.statement;
  double prefill_h = 0.0, decode_h = 0.0, freed_h = 0.0;
  for (const HourStatement& h : s.hours) {
    prefill_h += to_hours(h.prefill_node_ns);
    decode_h += to_hours(h.decode_node_ns);
    freed_h += to_hours(h.freed_node_ns);
  }
  const auto sum = [&](Column column, double value) {
    sheet.formula(at.total, column, fmt::format("SUM({})", range(at.hour_first, at.hour_last, column)), value,
                  Look::kUsd);
  };
  sheet.text(at.total, kHour, "Window", Look::kTitle);
  sum(kPrefillH, prefill_h), sum(kDecodeH, decode_h), sum(kFreedH, freed_h);
  sum(kHit, s.revenue.input_hit.usd()), sum(kMiss, s.revenue.input_miss.usd());
  sum(kOutput, s.revenue.output.usd()), sum(kRevenue, s.revenue.total().usd());
  sum(kPrefill, s.cost.of_prefill().usd()), sum(kDecode, s.cost.of_decode().usd());
  sum(kFreed, s.cost.of_freed().usd()), sum(kCost, s.cost.total().usd());
  results(sheet, at.total, s, s.revenue.total(), s.cost.total());
}

}  // namespace

void fill_hours(Book& book, const Study& study, Addresses& at) {
  const Case& base = study.base();
  Sheet sheet(book, "P&L by hour");
  sheet.headings(0, {"Hour of the window", "Local hour", "Prefill node-hours", "Decode node-hours",
                     "Freed node-hours", "Revenue, cached USD", "Revenue, computed USD",
                     "Revenue, output USD", "Revenue USD", "Cost, prefill USD", "Cost, decode USD",
                     "Cost, freed USD", "Cost USD", "Profit USD", "Gross margin", "Cost-profit ratio"});
  sheet.width(kHour, kRatio, 14.0);
  sheet.freeze(1, 2);
  at.hour_first = 1;
  std::uint32_t row = 1;
  for (std::size_t h = 0; h < base.statement.hours.size(); ++h) hour_row(sheet, row++, h, base, at);
  at.hour_last = row - 1;
  at.total = row;
  total_row(sheet, base, at);
}

}  // namespace tideline::workbook
