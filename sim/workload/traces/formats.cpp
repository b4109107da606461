#include "sim/workload/traces/formats.h"

#include <algorithm>
#include <filesystem>

#include "sim/base/error.h"
#include "sim/workload/traces/csv_trace.h"
#include "sim/workload/traces/mooncake.h"
#include "sim/workload/traces/servegen.h"
#include "sim/workload/traces/sharegpt.h"

namespace tideline::workload::traces {

std::string_view guess_format(const std::string& file) {
  if (std::filesystem::is_directory(file)) return "servegen";
  Lines lines(file);
  std::string_view line;
  do
    if (!lines.next(line)) throw InputError({.file = file, .message = "this trace is empty"});
  while (line.find_first_not_of(" \t") == std::string_view::npos);
  const char first = line[line.find_first_not_of(" \t")];
  if (first == '[') return "sharegpt";
  if (first == '{') return "mooncake";
  CsvRow header;
  if (!header.cut(line)) lines.fail(1, "a quoted column name does not end on its line");
  if (const CsvFormat* format = csv_format_of(header)) return format->name;
  return nearest_csv_format(header).name;  // which says what it misses
}

std::unique_ptr<Reader> open_trace(const std::string& file, const OpenSettings& settings) {
  const std::string format = settings.format.empty() ? std::string(guess_format(file)) : settings.format;
  if (format == "mooncake") return std::make_unique<MooncakeTrace>(file);
  if (format == "sharegpt") return std::make_unique<ShareGptTrace>(file, settings.bytes_per_token);
  if (format == "servegen") return std::make_unique<ServeGenTrace>(file, settings.seed, settings.run);
  const auto* const csv = std::ranges::find(kCsvFormats, std::string_view(format), &CsvFormat::name);
  return std::make_unique<CsvTrace>(file, csv);
}

}  // namespace tideline::workload::traces
