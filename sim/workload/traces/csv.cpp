#include "sim/workload/traces/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/workload/traces/decimal.h"

namespace tideline::workload::traces {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

[[noreturn]] void refuse(const Lines& lines, const Field& field, std::string_view name,
                         std::string_view wants) {
  lines.fail(field.column,
             fmt::format("column \"{}\" wants {}, found \"{}\"", name, wants, field.text.substr(0, 40)));
}

// The text between quotes, doubled ones halved; npos in `end` where it does not end.
std::string between_quotes(std::string_view line, std::size_t begin, std::size_t& end) {
  std::string text;
  for (end = begin; end < line.size(); ++end) {
    if (line[end] != '"') {
      text += line[end];
    } else if (end + 1 < line.size() && line[end + 1] == '"') {
      text += line[end++];
    } else {
      ++end;
      return text;
    }
  }
  end = std::string_view::npos;
  return text;
}

}  // namespace

bool CsvRow::cut(std::string_view line) {
  fields_.clear();
  unquoted_.clear();
  unquoted_.reserve(static_cast<std::size_t>(std::count(line.begin(), line.end(), '"')));  // views stay good
  for (std::size_t begin = 0;;) {
    std::size_t end = 0;
    if (begin < line.size() && line[begin] == '"') {
      unquoted_.push_back(between_quotes(line, begin + 1, end));
      if (end == std::string_view::npos) return false;
      fields_.push_back({unquoted_.back(), static_cast<int>(begin) + 1});
      end = line.find(',', end);
    } else {
      end = line.find(',', begin);
      fields_.push_back({trimmed(line.substr(begin, end - begin)), static_cast<int>(begin) + 1});
    }
    if (end == std::string_view::npos) return true;
    begin = end + 1;
  }
}

std::int64_t whole_number(const Lines& lines, const Field& field, std::string_view name) {
  // "374", and "374.0" as data frames write it.
  std::string_view digits = field.text;
  if (digits.ends_with(".0")) digits.remove_suffix(2);
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc{} || end != digits.data() + digits.size())
    refuse(lines, field, name, "a whole number");
  return n;
}

std::int64_t scaled_number(const Lines& lines, const Field& field, std::string_view name, int power_of_ten) {
  if (const auto n = scaled_decimal(field.text, power_of_ten)) return *n;
  refuse(lines, field, name, "a number");
}

}  // namespace tideline::workload::traces
