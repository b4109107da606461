#include "sim/workbook/workbook.h"

#include <algorithm>

#include "sim/workbook/sheet.h"

namespace tideline::workbook {
namespace {

// Every line at every set of prices that it was sold at.
std::vector<PriceRow> price_rows(const finance::Statement& statement) {
  std::vector<PriceRow> rows;
  for (const finance::Sale& s : statement.sales) {
    const auto same = [&](const PriceRow& r) { return r.line == s.line && r.window == s.window; };
    if (std::ranges::none_of(rows, same)) rows.push_back({s.line, s.window});
  }
  std::ranges::sort(rows, {}, [](const PriceRow& r) { return std::pair(r.line, r.window); });
  return rows;
}

}  // namespace

void write(const std::string& file, const finance::Study& study) {
  Book book(file);
  Addresses at;
  const std::vector<PriceRow> rows = price_rows(study.base().statement);
  fill_assumptions(book, study, rows, at);
  fill_volumes(book, study, rows, at);
  fill_hours(book, study, at);
  fill_cases(book, study, at);
  fill_break_even(book, study, at);
  book.close();
}

}  // namespace tideline::workbook
