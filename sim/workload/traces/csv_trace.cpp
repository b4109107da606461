#include "sim/workload/traces/csv_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"
#include "sim/workload/traces/decimal.h"

namespace tideline::workload::traces {
namespace {

std::optional<std::size_t> find(const CsvRow& header, std::string_view name) {
  for (std::size_t i = 0; i < header.size() && !name.empty(); ++i)
    if (header[i].text == name) return i;
  return std::nullopt;
}

int columns_found(const CsvRow& header, const CsvFormat& f) {
  return find(header, f.time).has_value() + find(header, f.input).has_value() +
         find(header, f.output).has_value();
}

}  // namespace

const CsvFormat* csv_format_of(const CsvRow& header) {
  const auto has_all = [&](const CsvFormat& f) { return columns_found(header, f) == 3; };
  const auto* const found = std::ranges::find_if(kCsvFormats, has_all);
  return found == kCsvFormats.end() ? nullptr : found;
}

const CsvFormat& nearest_csv_format(const CsvRow& header) {
  const auto found = [&](const CsvFormat& f) { return columns_found(header, f); };
  return *std::ranges::max_element(kCsvFormats, {}, found);
}

CsvTrace::CsvTrace(const std::string& file, const CsvFormat* format) : LineReader(file), format_(format) {
  read_header();
}

void CsvTrace::read_header() {
  std::string_view line;
  if (!lines_.next(line)) throw InputError({.file = lines_.file(), .message = "this trace is empty"});
  if (!row_.cut(line)) fail(1, "a quoted column name does not end on its line");
  if (!format_) format_ = csv_format_of(row_);
  if (!format_) format_ = &nearest_csv_format(row_);
  columns_ = row_.size();
  time_ = column(format_->time);
  input_ = column(format_->input);
  output_ = column(format_->output);
  cached_ = find(row_, format_->cached);
  class_ = find(row_, format_->class_name);
  begins_ = find(row_, format_->begins);
}

std::size_t CsvTrace::column(std::string_view name) const {
  if (const auto found = find(row_, name)) return *found;
  std::vector<std::string> there;
  for (std::size_t i = 0; i < row_.size(); ++i) there.emplace_back(row_[i].text);
  const std::string near = nearest(std::string(name), there);
  fail(1,
       fmt::format("the {} format wants the columns \"{}\", \"{}\" and \"{}\"; \"{}\" is missing",
                   format_->name, format_->time, format_->input, format_->output, name),
       near.empty() ? "" : fmt::format("is it called \"{}\" here?", near));
}

void CsvTrace::restart(std::uint32_t copy) {
  LineReader::restart(copy);
  std::string_view header;
  lines_.next(header);
}

std::int64_t CsvTrace::time_of(const Field& field, std::string_view name) const {
  if (format_->time_kind == TimeKind::kSeconds) {
    if (const auto ns = scaled_decimal(field.text, 9)) return *ns;
    const bool number = scaled_decimal(field.text, 0).has_value();
    fail(field.column,
         fmt::format("column \"{}\" wants seconds, fewer than 9,000,000,000, found \"{}\"", name,
                     field.text.substr(0, 40)),
         number ? "are these milliseconds or nanoseconds?" : "");
  }
  if (const auto ns = date_ns(field.text)) return *ns;
  fail(field.column,
       fmt::format("column \"{}\" wants a date such as \"2023-11-16 18:15:46.6805900\", found \"{}\"", name,
                   field.text.substr(0, 40)));
}

bool CsvTrace::read(Row& row) {
  std::string_view line;
  do
    if (!lines_.next(line)) return false;
  while (line.empty());
  if (!row_.cut(line)) fail(1, "a quoted field does not end on its line");
  if (row_.size() != columns_)
    fail(1, fmt::format("a row of {} fields under {} columns", row_.size(), columns_),
         row_.size() < columns_ ? "is the file cut off here?" : "");
  row.at_ns = time_of(row_[time_], format_->time);
  row.input = whole_number(lines_, row_[input_], format_->input);
  row.output = whole_number(lines_, row_[output_], format_->output);
  row.cached = cached_ ? whole_number(lines_, row_[*cached_], format_->cached) : 0;
  row.class_name.assign(class_ ? row_[*class_].text : std::string_view{});
  row.begins_ns.reset();
  if (begins_ && !row_[*begins_].text.empty()) row.begins_ns = time_of(row_[*begins_], format_->begins);
  row.blocks.clear();
  row.column = row_[time_].column;
  return true;
}

}  // namespace tideline::workload::traces
