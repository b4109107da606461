#include "calib/fit/table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>

#include "sim/base/check.h"
#include "sim/base/error.h"

namespace tideline::calib {
namespace {

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line)
    if (c == ',')
      fields.emplace_back();
    else if (c != '\r')
      fields.back() += c;
  return fields;
}

}  // namespace

Table Table::load(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw InputError({.file = file, .message = "this table of measurements cannot be read"});
  Table table;
  table.file_ = file;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> fields = split(line);
    if (table.columns_.empty()) {
      for (std::size_t i = 0; i < fields.size(); ++i) table.columns_[fields[i]] = i;
      continue;
    }
    if (fields.size() != table.columns_.size())
      throw InputError({.file = file,
                        .line = number,
                        .column = 1,
                        .message = fmt::format("a row of {} fields in a table of {} columns", fields.size(),
                                               table.columns_.size())});
    table.rows_.push_back({number, std::move(fields)});
    for (const std::string_view origin : {"source", "date"})
      if (table.text(table.rows() - 1, origin).empty())
        throw InputError({.file = file,
                          .line = number,
                          .column = 1,
                          .message = fmt::format("a measurement without its {}", origin)});
  }
  if (table.rows_.empty()) throw InputError({.file = file, .message = "this table has no rows"});
  return table;
}

const std::string& Table::text(std::size_t row, std::string_view column) const {
  const auto found = columns_.find(column);
  if (found == columns_.end())
    throw InputError({.file = file_, .message = fmt::format("this table lacks the column \"{}\"", column)});
  return rows_[row].fields[found->second];
}

double Table::number(std::size_t row, std::string_view column) const {
  const std::string& field = text(row, column);
  double value = 0.0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  const bool whole = error == std::errc{} && end == field.data() + field.size();
  if (!whole || !std::isfinite(value)) refuse(row, column, "a number");
  return value;
}

double Table::positive(std::size_t row, std::string_view column) const {
  const double value = number(row, column);
  if (value <= 0.0) refuse(row, column, "a number above 0");
  return value;
}

std::int64_t Table::whole(std::size_t row, std::string_view column) const {
  const double value = number(row, column);
  if (value < 1.0 || value > 0x1p53 || value != std::floor(value))
    refuse(row, column, "a whole number of 1 or more");
  return static_cast<std::int64_t>(value);
}

void Table::refuse(std::size_t row, std::string_view column, std::string_view wanted) const {
  const auto& [line, fields] = rows_[row];
  const std::size_t index = columns_.find(column)->second;
  int at = 1;
  for (std::size_t i = 0; i < index; ++i) at += static_cast<int>(fields[i].size()) + 1;
  throw InputError(
      {.file = file_,
       .line = line,
       .column = at,
       .message = fmt::format("column \"{}\" wants {}, found \"{}\"", column, wanted, fields[index])});
}

}  // namespace tideline::calib
