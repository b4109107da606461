#include "sim/workload/traces/reader.h"

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/workload/lengths.h"

namespace tideline::workload::traces {

bool Reader::next(Row& row) {
  while (read(row)) {
    if (first_) {
      begins_ns_ = row.begins_ns;
      first_ns_ = last_ns_ = begins_ns_.value_or(row.at_ns);
    }
    check(row);
    first_ = false;
    last_ns_ = row.at_ns;
    if (row.input > 0 && row.output > 0) return true;
    ++empty_rows_;
  }
  return false;
}

void Reader::rewind(std::uint32_t copy) {
  restart(copy);
  first_ = true;
  empty_rows_ = 0;
}

void Reader::fail(int column, std::string message, std::string suggestion) const {
  const Stand at = stand();
  throw InputError({.file = at.file,
                    .line = at.line,
                    .column = column,
                    .message = std::move(message),
                    .suggestion = std::move(suggestion)});
}

void Reader::check(const Row& row) const {
  const auto tokens = [&](std::string_view what, std::int64_t n, std::int64_t most) {
    if (n < 0) fail(row.column, fmt::format("{} tokens of {}: wants 0 or more", n, what));
    if (n > most) fail(row.column, fmt::format("{} tokens of {}: wants at most {}", n, what, most));
  };
  tokens("input", row.input, Lengths::kInputMax);
  tokens("output", row.output, Lengths::kOutputMax);
  tokens("cached input", row.cached, row.input);
  if (row.at_ns < last_ns_)
    fail(row.column,
         fmt::format("this request comes {} s before {}", static_cast<double>(last_ns_ - row.at_ns) * 1e-9,
                     first_ ? "its trace begins" : "the one above it"),
         first_ ? "" : "sort the trace by time");
  // Unsigned: times of either end of the clock are further apart than it reaches.
  const std::uint64_t span = static_cast<std::uint64_t>(row.at_ns) - static_cast<std::uint64_t>(first_ns_);
  if (span > static_cast<std::uint64_t>(kSpanMaxNs))
    fail(row.column,
         fmt::format("this request comes {:.0f} days after the trace begins: it has at most {}",
                     static_cast<double>(span) / (24.0 * kNsPerHour), kSpanMaxNs / (24 * kNsPerHour)),
         "is its time in another unit than this format's?");
}

}  // namespace tideline::workload::traces
