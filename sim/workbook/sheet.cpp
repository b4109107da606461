#include "sim/workbook/sheet.h"

#include <fmt/format.h>

#include "sim/base/check.h"
#include "sim/base/error.h"

namespace tideline::workbook {
namespace {

// A fixed day, so that the same study gives the same bytes: 2025-01-01T00:00:00Z.
constexpr time_t kCreated = 1735689600;

struct Format {
  Look look;
  const char* number;
  bool bold;
  lxw_color_t fill;
};
constexpr lxw_color_t kNone = 0, kEdit = 0xFFF2CC, kHead = 0xDDEBF7;
constexpr Format kFormats[] = {
    {Look::kPlain, "General", false, kNone},  {Look::kTitle, "General", true, kNone},
    {Look::kHeading, "General", true, kHead}, {Look::kInput, "#,##0.######", false, kEdit},
    {Look::kTokens, "#,##0", false, kNone},   {Look::kHours, "#,##0.00", false, kNone},
    {Look::kUsd, "#,##0.00", false, kNone},   {Look::kPrice, "#,##0.0000", false, kNone},
    {Look::kRatio, "0.0%", false, kNone}};

std::string column_name(std::uint16_t column) {
  std::string name;
  for (int c = column; c >= 0; c = c / 26 - 1) name.insert(name.begin(), static_cast<char>('A' + c % 26));
  return name;
}

void must(lxw_error error) {
  CHECK(error == LXW_NO_ERROR, "libxlsxwriter: {}", lxw_strerror(error));
}

}  // namespace

std::string cell(std::uint32_t row, std::uint16_t column) {
  return fmt::format("{}{}", column_name(column), row + 1);
}

std::string range(std::uint32_t from_row, std::uint32_t to_row, std::uint16_t column) {
  return fmt::format("${0}${1}:${0}${2}", column_name(column), from_row + 1, to_row + 1);
}

std::string ratio(const std::string& a, const std::string& b) {
  return fmt::format("IF({1}>0,{0}/{1},\"none\")", a, b);
}

Book::Book(const std::string& file) : file_(file), book_(workbook_new(file.c_str())) {
  CHECK(book_ != nullptr, "libxlsxwriter made no workbook");
  lxw_doc_properties properties{};
  properties.created = kCreated;
  workbook_set_properties(book_, &properties);
  for (const Format& f : kFormats) {
    lxw_format* const format = workbook_add_format(book_);
    format_set_num_format(format, f.number);
    if (f.bold) format_set_bold(format);
    if (f.fill != kNone) format_set_bg_color(format, f.fill);
    if (f.look == Look::kHeading) format_set_text_wrap(format);
    looks_.push_back(format);
  }
}

Book::~Book() {
  if (book_) lxw_workbook_free(book_);
}

void Book::close() {
  lxw_workbook* const book = book_;
  book_ = nullptr;  // closing frees it, whatever comes of it
  const lxw_error error = workbook_close(book);
  if (error != LXW_NO_ERROR)
    throw InputError({.file = file_, .message = fmt::format("cannot be written: {}", lxw_strerror(error))});
}

Sheet::Sheet(Book& book, const std::string& name)
    : book_(book), sheet_(workbook_add_worksheet(book.book_, name.c_str())) {
  CHECK(sheet_ != nullptr, "libxlsxwriter made no sheet {}", name);
}

void Sheet::text(std::uint32_t row, std::uint16_t column, std::string_view text, Look look) {
  must(worksheet_write_string(sheet_, row, column, std::string(text).c_str(),
                              book_.looks_[static_cast<std::size_t>(look)]));
}

void Sheet::number(std::uint32_t row, std::uint16_t column, double value, Look look) {
  must(worksheet_write_number(sheet_, row, column, value, book_.looks_[static_cast<std::size_t>(look)]));
}

void Sheet::formula(std::uint32_t row, std::uint16_t column, const std::string& formula,
                    std::optional<double> value, Look look) {
  const std::string text = "=" + formula;
  lxw_format* const format = book_.looks_[static_cast<std::size_t>(look)];
  must(value ? worksheet_write_formula_num(sheet_, row, column, text.c_str(), format, *value)
             : worksheet_write_formula_str(sheet_, row, column, text.c_str(), format, "none"));
}

void Sheet::headings(std::uint32_t row, const std::vector<std::string_view>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    text(row, static_cast<std::uint16_t>(i), texts[i], Look::kHeading);
}

void Sheet::width(std::uint16_t first, std::uint16_t last, double characters) {
  must(worksheet_set_column(sheet_, first, last, characters, nullptr));
}

void Sheet::freeze(std::uint32_t row, std::uint16_t column) {
  worksheet_freeze_panes(sheet_, row, column);
}

}  // namespace tideline::workbook
