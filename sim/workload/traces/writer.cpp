#include "sim/workload/traces/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>

#include "sim/base/csv.h"
#include "sim/base/error.h"
#include "sim/config/json_stream.h"
#include "sim/workload/traces/csv.h"
#include "sim/workload/traces/decimal.h"

namespace tideline::workload::traces {
namespace {

std::vector<std::string> class_fields(const WriteSettings& settings) {
  std::vector<std::string> fields;
  for (const std::string& name : settings.classes) {
    if (name.find_first_of("\r\n") != std::string::npos)
      throw InputError({.message = "a class whose name has a line break cannot be written to a trace"});
    fields.push_back(settings.format == WriteFormat::kAzure ? csv_field(name) : config::json_text(name));
  }
  return fields;
}

std::string milliseconds(std::int64_t ns) {
  const std::int64_t magnitude = ns < 0 ? -ns : ns;
  return fmt::format("{}{}.{:06}", ns < 0 ? "-" : "", magnitude / 1'000'000, magnitude % 1'000'000);
}

}  // namespace

std::uint64_t write_trace(ArrivalSource& arrivals, const WriteSettings& settings, std::ostream& out) {
  constexpr std::size_t kBatch = 1024;
  const std::vector<std::string> classes = class_fields(settings);
  std::vector<Arrival> batch(kBatch);
  fmt::memory_buffer text;
  const bool azure = settings.format == WriteFormat::kAzure;
  if (azure) out << "TIMESTAMP,ContextTokens,GeneratedTokens,CachedTokens,Class,TraceBegins\n";
  std::uint64_t written = 0;
  for (bool more = true; more;) {
    const std::size_t wanted =
        settings.requests ? std::min<std::uint64_t>(kBatch, *settings.requests - written) : kBatch;
    const std::size_t got = arrivals.read(std::span(batch).first(wanted));
    more = got == wanted && got > 0;
    text.clear();
    for (const Arrival& a : std::span(batch).first(got)) {
      if (settings.end && a.at >= *settings.end) {
        more = false;
        break;
      }
      const Lengths& l = a.lengths;
      const std::string& name = classes.at(a.request_class);
      if (azure)
        fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{}\n",
                       write_date(settings.origin_ns + a.at.ns), l.input, l.output, l.cached, name,
                       written == 0 ? write_date(settings.origin_ns + settings.begin.ns) : "");
      else
        fmt::format_to(
            std::back_inserter(text),
            "{{\"timestamp\": {}, \"input_length\": {}, \"output_length\": {}, \"cached_length\": {}, "
            "\"class\": {}{}}}\n",
            milliseconds((a.at - settings.begin).ns), l.input, l.output, l.cached, name,
            written == 0 ? R"(, "trace_begins": 0)" : "");
      ++written;
    }
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  return written;
}

}  // namespace tideline::workload::traces
