#include <fmt/format.h>

#include "sim/base/clock.h"
#include "sim/workbook/sheet.h"

namespace tideline::workbook {

using namespace finance;
using namespace volume_columns;

void fill_volumes(Book& book, const Study& study, const std::vector<PriceRow>& rows, Addresses& at) {
  constexpr std::uint16_t kPrices = 3, kPaid = 6;  // of the assumptions
  const Case& base = study.base();
  Sheet sheet(book, "Volumes");
  sheet.headings(0, {"Hour of the window", "Local hour", "Class", "Model", "Input, cached tok",
                     "Input, computed tok", "Output tok", "Revenue, cached USD", "Revenue, computed USD",
                     "Revenue, output USD", "Given away USD"});
  sheet.width(kHour, kForgone, 18.0);
  sheet.freeze(1, 4);
  std::uint32_t row = 1;
  at.volume_first = row;
  for (const Sale& s : base.statement.sales) {
    std::size_t price_row = 0;
    while (rows[price_row].line != s.line || rows[price_row].window != s.window) ++price_row;
    const auto price = [&](std::uint16_t column) {
      return "Assumptions!" + cell(at.price_rows[price_row], column);
    };
    const Line& line = base.statement.lines[s.line];
    sheet.number(row, kHour, static_cast<double>(s.hour), Look::kPlain);
    sheet.number(row, kLocal, static_cast<double>(local_hour(base.ledger.first_minute, s.hour)),
                 Look::kPlain);
    sheet.text(row, kClass, line.of_class);
    sheet.text(row, kModel, line.model);
    std::string worth;
    for (std::uint16_t m = 0; m < kMeters.size(); ++m) {
      const auto tokens = static_cast<std::uint16_t>(kHitTokens + m),
                 usd = static_cast<std::uint16_t>(kHit + m);
      const std::string at_price =
          fmt::format("{}/1000000*{}", cell(row, tokens), price(static_cast<std::uint16_t>(kPrices + m)));
      sheet.number(row, tokens, static_cast<double>(s.tokens.*kMeters[m].tokens), Look::kTokens);
      sheet.formula(row, usd, fmt::format("{}*{}", at_price, price(kPaid)),
                    (s.revenue.*kMeters[m].amount).usd(), Look::kUsd);
      worth += (m == 0 ? "" : "+") + at_price;
    }
    sheet.formula(row, kForgone, fmt::format("({})*(1-{})", worth, price(kPaid)), s.forgone.total().usd(),
                  Look::kUsd);
    at.volume_last = row++;
  }
}

}  // namespace tideline::workbook
