// A trace as a scenario asks for it: which file, how fast, from where on, how often; and what is in it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/policy.h"
#include "sim/base/time.h"
#include "sim/config/node.h"
#include "sim/workload/traces/reader.h"

namespace tideline::workload::traces {

enum class Scaling { kCopies, kCompression };

inline constexpr std::array kScalings = {
    Policy<Scaling>{"copies",
                    "a higher rate by copies set apart in time, a lower one by leaving requests out",
                    Scaling::kCopies},
    Policy<Scaling>{"compression", "the trace runs faster or slower: bursts become steeper or flatter too",
                    Scaling::kCompression},
};

// Of a higher rate by copies.
inline constexpr std::uint32_t kCopiesMax = 256;

// What one reading of a trace finds.
struct TraceContents {
  std::uint64_t requests = 0, empty_rows = 0;
  std::int64_t first_ns = 0;   // where the trace begins: at its first request, if it does not say so itself
  std::int64_t period_ns = 1;  // from one repetition to the next: to the last request, and a mean gap more
  [[nodiscard]] double rate() const {  // requests per second
    return static_cast<double>(requests) * static_cast<double>(kNsPerSecond) / static_cast<double>(period_ns);
  }
};

struct TraceLoad {
  std::string file, format;  // format: one of kFormats
  double bytes_per_token = 4.0;
  double rate_factor = 1.0;  // of the trace's own rate; of a list of lengths: the rate itself, per second
  Scaling scaling = Scaling::kCopies;
  bool loop = false;
  Duration offset{};                          // of the trace, that is skipped
  Duration copy_shift{};                      // between copies
  std::vector<std::string> classes{"trace"};  // names; with one, all requests are of it
  bool names_classes = false;                 // rows are sorted into `classes` by their own class
  std::int64_t block_tokens = 512;
  bool has_chains = false, has_times = true;
  TraceContents contents;
  // What is not skipped, from one repetition to the next.
  [[nodiscard]] std::int64_t period_ns() const { return contents.period_ns - offset.ns; }
  // From its beginning to its end, in a run; of a list of lengths in the mean. None where it begins again.
  [[nodiscard]] std::optional<Duration> length() const;
};

// {"file": ..., "format": ..., "rate": 1.5 | "20 req/s", "scale_by": "copies", "copy_shift": "10 min",
// "loop": false, "offset": "0 s", "classes": [...], "block_tokens": 512, "bytes_per_token": 4.0}; all but
// "file" may be left out. The file is looked for beside the scenario, then read through once, so that its
// mistakes are found before a run. Fails: throws InputError on a mistake in the trace itself.
TraceLoad read_trace_load(const config::Node& workload);

// Counts a whole trace. Of a generated one what it says of itself.
TraceContents count(Reader& reader, const TraceLoad& load);
// Mistakes in a row that only what the scenario says of the trace can show.
void check_row(const Reader& reader, const Row& row, const TraceLoad& load);
// The place of a row's class in load.classes.
std::uint8_t class_of(const Reader& reader, const Row& row, const TraceLoad& load);

}  // namespace tideline::workload::traces
