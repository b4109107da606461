// Writes requests as a trace that open_trace() reads back, request by request the same: a simulated load for
// other simulators, or for a run with another fleet.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/workload/arrivals.h"

namespace tideline::workload::traces {

enum class WriteFormat { kAzure, kMooncake };

struct WriteSettings {
  WriteFormat format = WriteFormat::kAzure;
  std::int64_t origin_ns = 0;             // date of instant 0, since 1970 (azure only)
  Instant begin{};                        // of the load: what a run of the trace begins with
  std::vector<std::string> classes;       // names, by Arrival::request_class
  std::optional<std::uint64_t> requests;  // at most this many
  std::optional<Instant> end;             // none from here on
};

// azure: TIMESTAMP with nine decimals, ContextTokens, GeneratedTokens, CachedTokens, Class, TraceBegins.
// mooncake: timestamp (ms since `begin`, six decimals), input_length, output_length, cached_length, class,
// trace_begins. The last of either says `begin`, in the first row alone: readers that do not know it leave it
// alone, and begin with the first request. No hash_ids: these requests have lengths, not contents. Returns
// how many were written. Fails: throws InputError where a class name holds a line break.
std::uint64_t write_trace(ArrivalSource& arrivals, const WriteSettings& settings, std::ostream& out);

}  // namespace tideline::workload::traces
