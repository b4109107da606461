// Decimal numbers and dates as whole numbers of nanoseconds (or any power of ten), by their digits: what a
// trace says is kept to the last one, and reads the same on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tideline::workload::traces {

// "12.5" with 3: 12500. Digits past the last are rounded half up. An exponent is read through a double.
std::optional<std::int64_t> scaled_decimal(std::string_view text, int power_of_ten);

// "2023-11-16 18:15:46.6805900", "T" for the blank, "Z" or "+08:00" behind: nanoseconds since 1970 UTC (or in
// the trace's own unnamed zone).
std::optional<std::int64_t> date_ns(std::string_view text);
// The same the other way, without a zone, with nine decimals.
std::string write_date(std::int64_t ns);

}  // namespace tideline::workload::traces
