// A table of measurements: calib/timings/<gpu>/*.csv. Comment lines begin with '#', the first other line
// names the columns; a row states its source and date. No quoting: a field holds no comma.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tideline::calib {

class Table {
 public:
  // Fails: throws InputError with file and line when the file is missing or has no rows, a row has too few or
  // too many fields, or a row lacks its source or its date.
  static Table load(const std::string& file);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] const std::string& text(std::size_t row, std::string_view column) const;
  // Fails: throws InputError with file, line and column when the field is no finite number; from positive(),
  // when it is not above 0; from whole(), when it is no whole number of 1 or more.
  [[nodiscard]] double number(std::size_t row, std::string_view column) const;
  [[nodiscard]] double positive(std::size_t row, std::string_view column) const;
  [[nodiscard]] std::int64_t whole(std::size_t row, std::string_view column) const;

 private:
  [[noreturn]] void refuse(std::size_t row, std::string_view column, std::string_view wanted) const;
  struct Row {
    int line = 0;
    std::vector<std::string> fields;
  };
  std::string file_;
  std::map<std::string, std::size_t, std::less<>> columns_;
  std::vector<Row> rows_;
};

}  // namespace tideline::calib
