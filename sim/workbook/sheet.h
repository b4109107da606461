// Inside workbook: a sheet as it is filled, cell by cell, and the addresses that formulas name. The one door
// to libxlsxwriter.
#pragma once

#include <xlsxwriter.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/finance/study.h"

namespace tideline::workbook {

// "C7": rows and columns count from 0, as libxlsxwriter has them.
std::string cell(std::uint32_t row, std::uint16_t column);
// The formula of a / b, which there is where b is more than 0.
std::string ratio(const std::string& a, const std::string& b);
std::string range(std::uint32_t from_row, std::uint32_t to_row, std::uint16_t column);

enum class Look { kPlain, kTitle, kHeading, kInput, kTokens, kHours, kUsd, kPrice, kRatio };

class Book {
 public:
  explicit Book(const std::string& file);
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;
  ~Book();
  // Fails: throws InputError.
  void close();

 private:
  friend class Sheet;
  std::string file_;
  lxw_workbook* book_;
  std::vector<lxw_format*> looks_;  // by Look
};

class Sheet {
 public:
  Sheet(Book& book, const std::string& name);
  void text(std::uint32_t row, std::uint16_t column, std::string_view text, Look look = Look::kPlain);
  void number(std::uint32_t row, std::uint16_t column, double value, Look look);
  // A formula beside the value that it has; none: the text "none", as ratio() has it.
  void formula(std::uint32_t row, std::uint16_t column, const std::string& formula,
               std::optional<double> value, Look look);
  void headings(std::uint32_t row, const std::vector<std::string_view>& texts);
  void width(std::uint16_t first, std::uint16_t last, double characters);
  // Rows above and columns left of it stay in sight.
  void freeze(std::uint32_t row, std::uint16_t column);

 private:
  Book& book_;
  lxw_worksheet* sheet_;
};

// The columns of "Volumes" and of "P&L by hour". Those of meters stand side by side, in the order of kMeters.
namespace volume_columns {
enum Column : std::uint16_t {
  kHour,
  kLocal,
  kClass,
  kModel,
  kHitTokens,
  kMissTokens,
  kOutputTokens,
  kHit,
  kMiss,
  kOutput,
  kForgone
};
}
namespace hour_columns {
enum Column : std::uint16_t {
  kHour,
  kLocal,
  kPrefillH,
  kDecodeH,
  kFreedH,
  kHit,
  kMiss,
  kOutput,
  kRevenue,
  kPrefill,
  kDecode,
  kFreed,
  kCost,
  kProfit,
  kMargin,
  kRatio
};
}

// Where the cells stand that other sheets name, with their sheet: "Assumptions!C7".
struct Addresses {
  std::string held_rate, freed_rate, freed_value, gpus_per_node;
  std::vector<std::uint32_t> price_rows;  // by PriceRow
  std::uint32_t volume_first = 0, volume_last = 0;
  std::uint32_t hour_first = 0, hour_last = 0, total = 0;
};

// A line at one set of prices.
struct PriceRow {
  std::size_t line = 0, window = 0;
};

void fill_assumptions(Book& book, const finance::Study& study, const std::vector<PriceRow>& rows,
                      Addresses& at);
void fill_volumes(Book& book, const finance::Study& study, const std::vector<PriceRow>& rows, Addresses& at);
void fill_hours(Book& book, const finance::Study& study, Addresses& at);
void fill_cases(Book& book, const finance::Study& study, const Addresses& at);
void fill_break_even(Book& book, const finance::Study& study, const Addresses& at);

}  // namespace tideline::workbook
