// The trace formats that are comma-separated tables: they differ in the names of their columns and in how
// they tell the time.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "sim/workload/traces/csv.h"
#include "sim/workload/traces/reader.h"

namespace tideline::workload::traces {

enum class TimeKind { kDate, kSeconds };

struct CsvFormat {
  std::string_view name;
  TimeKind time_kind;
  std::string_view time, input, output;  // columns that have to be there
  std::string_view cached, class_name;   // that may be; others are left alone
  std::string_view begins = "";          // the same; a time in the first row
};

inline constexpr std::array kCsvFormats = {
    CsvFormat{"azure", TimeKind::kDate, "TIMESTAMP", "ContextTokens", "GeneratedTokens", "CachedTokens",
              "Class", "TraceBegins"},
    CsvFormat{"burstgpt", TimeKind::kSeconds, "Timestamp", "Request tokens", "Response tokens", "",
              "Log Type"},
    CsvFormat{"vidur", TimeKind::kSeconds, "arrived_at", "num_prefill_tokens", "num_decode_tokens", "", ""},
    CsvFormat{"splitwise", TimeKind::kSeconds, "arrival_timestamp", "prompt_size", "token_size", "",
              "application_id"},
};

// The format whose columns this header has; null where it has those of none.
const CsvFormat* csv_format_of(const CsvRow& header);
// The format that most of this header's columns come from; for a message.
const CsvFormat& nearest_csv_format(const CsvRow& header);

class CsvTrace : public LineReader {
 public:
  // Without a format: the one whose columns the header has. Fails: throws InputError when the file has no
  // header, or one that lacks a column.
  CsvTrace(const std::string& file, const CsvFormat* format);
  [[nodiscard]] Traits traits() const override { return {}; }

 protected:
  bool read(Row& row) override;
  void restart(std::uint32_t copy) override;

 private:
  void read_header();
  [[nodiscard]] std::size_t column(std::string_view name) const;
  [[nodiscard]] std::int64_t time_of(const Field& field, std::string_view name) const;

  const CsvFormat* format_;
  CsvRow row_;
  std::size_t columns_ = 0, time_ = 0, input_ = 0, output_ = 0;
  std::optional<std::size_t> cached_, class_, begins_;
};

}  // namespace tideline::workload::traces
