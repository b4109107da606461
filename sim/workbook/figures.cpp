// The sheets of figures: cases side by side, and break-even.
#include <fmt/format.h>

#include <map>

#include "sim/workbook/sheet.h"

namespace tideline::workbook {
namespace {

using namespace finance;

Look look_of(const Figure& f) {
  if (f.unit.empty() && f.decimals == 4) return Look::kRatio;
  return f.decimals == 4 ? Look::kPrice : Look::kUsd;
}

// The total of a column of the hours' sheet, and the sum of one of the volumes'.
std::string total(const Addresses& at, std::uint16_t column) {
  return "'P&L by hour'!" + cell(at.total, column);
}
std::string volumes(const Addresses& at, std::uint16_t column) {
  return fmt::format("SUM(Volumes!{})", range(at.volume_first, at.volume_last, column));
}

// The figures that the workbook computes itself.
std::map<std::string_view, std::string> formulas(const Addresses& at) {
  namespace hour = hour_columns;
  const std::string revenue = total(at, hour::kRevenue), cost = total(at, hour::kCost),
                    forgone = volumes(at, volume_columns::kForgone);
  const std::string node_hours = fmt::format("({}+{}+{})", total(at, hour::kPrefillH),
                                             total(at, hour::kDecodeH), total(at, hour::kFreedH));
  const std::string load = ratio(cost, revenue);
  return {{"revenue_usd", revenue},
          {"forgone_usd", forgone},
          {"cost_usd", cost},
          {"cost_prefill_usd", total(at, hour::kPrefill)},
          {"cost_decode_usd", total(at, hour::kDecode)},
          {"cost_freed_usd", total(at, hour::kFreed)},
          {"profit_usd", total(at, hour::kProfit)},
          {"gross_margin", total(at, hour::kMargin)},
          {"cost_profit_ratio", total(at, hour::kRatio)},
          {"cost_per_million_input_miss_usd",
           ratio(total(at, hour::kPrefill) + "*1000000", volumes(at, volume_columns::kMissTokens))},
          {"cost_per_million_output_usd",
           ratio(total(at, hour::kDecode) + "*1000000", volumes(at, volume_columns::kOutputTokens))},
          {"break_even_paid_share", ratio(cost, fmt::format("({}+{})", revenue, forgone))},
          {"break_even_load", load},
          {"break_even_price", load},
          {"break_even_gpu_rate_usd_h",
           ratio(fmt::format("({}+{}*{})", revenue, total(at, hour::kFreedH), at.freed_value),
                 fmt::format("({}*{})", node_hours, at.gpus_per_node))}};
}

void figure(Sheet& sheet, std::uint32_t row, std::uint16_t column, const Case& c, const Figure& f) {
  const std::optional<double> value = f.of(c);
  if (value)
    sheet.number(row, column, *value, look_of(f));
  else
    sheet.text(row, column, "none");
}

void live(Sheet& sheet, std::uint32_t row, std::uint16_t column, const Case& base, const Figure& f,
          const std::map<std::string_view, std::string>& formulas) {
  const auto found = formulas.find(f.key);
  if (found == formulas.end()) return;
  const std::optional<double> value = f.of(base);
  // The formula would have one.
  if (!value && base.statement.saturated) return sheet.text(row, column, "none");
  sheet.formula(row, column, found->second, value, look_of(f));
}

}  // namespace

void fill_cases(Book& book, const Study& study, const Addresses& at) {
  Sheet sheet(book, "Cases");
  sheet.width(0, 0, 36.0);
  sheet.width(1, static_cast<std::uint16_t>(study.cases.size() + 1), 22.0);
  std::vector<std::string_view> headings = {"Figure", "As this workbook stands"};
  for (const Case& c : study.cases) headings.push_back(c.name);
  sheet.headings(0, headings);
  sheet.freeze(1, 1);
  const auto computed = formulas(at);
  std::uint32_t row = 1;
  for (const Figure& f : kFigures) {
    sheet.text(row, 0, f.unit.empty() ? std::string(f.label) : fmt::format("{}, {}", f.label, f.unit));
    live(sheet, row, 1, study.base(), f, computed);
    std::uint16_t column = 2;
    for (const Case& c : study.cases) figure(sheet, row, column++, c, f);
    ++row;
  }
}

void fill_break_even(Book& book, const Study& study, const Addresses& at) {
  struct Row {
    const char *key, *label, *how;
  };
  constexpr Row kRows[] = {
      {"break_even_load", "Load, of what it is", "cost / revenue; nodes stay as they are"},
      {"break_even_price", "Prices, of what they are", "cost / revenue"},
      {"break_even_paid_share", "Paid share of the tokens, by price",
       "cost / (revenue + what is given away)"},
      {"break_even_gpu_rate_usd_h", "GPU rate, USD an hour",
       "(revenue + worth of freed nodes) / GPU-hours that are paid for"}};
  Sheet sheet(book, "Break-even");
  sheet.width(0, 0, 36.0);
  sheet.width(1, 1, 18.0);
  sheet.width(2, 2, 60.0);
  sheet.headings(0, {"Profit is nothing at", "value", "each alone, all else as it stands"});
  const auto computed = formulas(at);
  std::uint32_t row = 1;
  for (const Row& r : kRows) {
    sheet.text(row, 0, r.label);
    sheet.text(row, 2, r.how);
    for (const Figure& f : kFigures)
      if (f.key == r.key) live(sheet, row, 1, study.base(), f, computed);
    ++row;
  }
}

}  // namespace tideline::workbook
