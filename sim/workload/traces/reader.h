// One trace file, request by request, whatever its format: what every format has to give, and what none may
// give. Formats are listed in formats.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/workload/traces/lines.h"

namespace tideline::workload::traces {

struct Row {
  std::int64_t at_ns = 0;                          // since whatever the trace counts from
  std::int64_t input = 0, cached = 0, output = 0;  // tokens; `cached` is part of `input`
  std::string class_name;                          // empty where the trace has no classes
  std::vector<std::uint64_t> blocks;               // hashes of the prompt's blocks, where the trace has them
  // Where the row says it of its trace: the time that a run of it begins at, as ours do (writer.h).
  std::optional<std::int64_t> begins_ns;
  int column = 1;  // of the field that a mistake in the row is reported at
};

// From the first row of a trace to its last: as long as a window may be. Assumed; the longest trace that is
// published, BurstGPT, has 121 days.
inline constexpr std::int64_t kSpanMaxNs = kWindowMax.ns;

// What is known of a trace before its first row.
struct Traits {
  bool has_times = true;  // else it is a list of lengths
  bool has_blocks = false;
  bool is_generated = false;  // drawn from a description: copies are drawn anew, not shifted
};

// Where a reader stands: line 0 where the trace has none.
struct Stand {
  std::string file;
  int line = 0;
};

class Reader {
 public:
  virtual ~Reader() = default;

  // The next request. False at the end. Rows without input or output (failed calls) are left out and counted.
  // Fails: throws InputError, with the line, on a row that cannot be: tokens negative or beyond what the
  // simulator holds, more cached than input, a time before that of the row above, or kSpanMaxNs after the
  // trace begins.
  bool next(Row& row);
  // From the first row again. `copy`: which of several independent copies of a generated trace.
  void rewind(std::uint32_t copy = 0);

  [[nodiscard]] virtual Traits traits() const = 0;
  [[nodiscard]] std::uint64_t empty_rows() const { return empty_rows_; }
  // Of the first row that was read: when the trace begins, where it says so.
  [[nodiscard]] std::optional<std::int64_t> begins_ns() const { return begins_ns_; }
  // An InputError where the reader stands; `column` from 1.
  [[noreturn]] void fail(int column, std::string message, std::string suggestion = "") const;

 protected:
  virtual bool read(Row& row) = 0;
  virtual void restart(std::uint32_t copy) = 0;
  [[nodiscard]] virtual Stand stand() const = 0;

 private:
  void check(const Row& row) const;

  std::int64_t first_ns_ = 0, last_ns_ = 0;
  std::optional<std::int64_t> begins_ns_;
  bool first_ = true;
  std::uint64_t empty_rows_ = 0;
};

// A reader of a text file with a request a line.
class LineReader : public Reader {
 public:
  explicit LineReader(const std::string& file) : lines_(file) {}

 protected:
  void restart(std::uint32_t) override { lines_.rewind(); }
  [[nodiscard]] Stand stand() const override { return {lines_.file(), lines_.number()}; }
  Lines lines_;
};

}  // namespace tideline::workload::traces
