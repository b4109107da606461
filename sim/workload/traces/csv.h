// One row of comma-separated values. A field may stand in double quotes, doubled inside (RFC 4180), but ends
// on its line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/traces/lines.h"

namespace tideline::workload::traces {

struct Field {
  std::string_view text;
  int column = 1;  // where it begins in its line, from 1
};

class CsvRow {
 public:
  // False where a quoted field does not end.
  bool cut(std::string_view line);
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] const Field& operator[](std::size_t i) const { return fields_[i]; }

 private:
  std::vector<Field> fields_;
  std::vector<std::string> unquoted_;  // of fields with doubled quotes
};

// Fails: both throw InputError at the field when it is no such number; NaN and infinities are none.
std::int64_t whole_number(const Lines& lines, const Field& field, std::string_view column_name);
// A decimal number times 10^power_of_ten, rounded to a whole one; exact where it needs no rounding.
std::int64_t scaled_number(const Lines& lines, const Field& field, std::string_view column_name,
                           int power_of_ten);

}  // namespace tideline::workload::traces
