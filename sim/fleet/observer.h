// What a fleet run tells those who measure it. The fleet knows no metrics; it hands over what happened in
// batches, so that watching costs no call per request. The same calls in the same order, on one thread and on
// two; all come from the thread that runs decode.
#pragma once

#include <cstdint>
#include <span>

#include "sim/base/time.h"
#include "sim/workload/arrivals.h"

namespace tideline::fleet {

struct Finished {
  std::uint64_t id = 0;
  Instant arrival, first_token, last_token;
  std::int32_t input = 0, cached = 0, output = 0;
  std::uint8_t request_class = 0;
};

// The first pass that computes something of a prompt has begun.
struct Began {
  Instant arrival, at;
  std::uint8_t request_class = 0;
};

// A request has joined a rank for the first time, with the step from `at` to `step_end`.
struct Joined {
  Instant arrival, first_token, at, step_end;
  std::uint8_t request_class = 0;
};

// A request was refused because it fits nowhere, or must be computed again: taken off a rank whose KV blocks
// ran out, which is told when that happens, and every prompt that comes to prefill again, for that or another
// reason, or was begun by a prefill unit that is lost.
struct SetBack {
  enum class Kind : std::uint8_t { kRejected, kPreempted, kRetried };
  Instant arrival, at;
  Kind kind = Kind::kRejected;
  std::uint8_t request_class = 0;
};

// A step of a unit: the requests of a class that stood there in the step before too. Each of them gets its
// next token, or two of them, `duration` after its last.
struct Stepped {
  Instant end;
  Duration duration;
  std::uint32_t requests = 0;
  std::uint8_t request_class = 0;
};

// Units of a kind at an instant. Not among them: those that are off.
struct UnitCounts {
  std::int64_t serving = 0, starting = 0, down = 0, draining = 0, maintenance = 0;
  [[nodiscard]] std::int64_t total() const { return serving + starting + down + draining + maintenance; }
  bool operator==(const UnitCounts&) const = default;
};

// The fleet as it is at the end of a turn of one second. Sums (`_ns`, `passes`, `tokens`) are since the run
// began.
struct Sample {
  Instant at;
  struct Prefill {
    UnitCounts units;
    std::int64_t waiting = 0;    // prompts that no pass has begun on
    std::int64_t computing = 0;  // prompts begun
    std::int64_t busy_ns = 0;    // unit time in passes
    std::int64_t passes = 0;     // begun
    double tokens = 0.0;         // that these compute
    std::int64_t first_tokens = 0;
  } prefill;
  struct Decode {
    UnitCounts units;
    std::int64_t waiting = 0;   // answers that found no rank with room
    std::int64_t moving = 0;    // their rank is booked: the cache is on its way, or a step must end first
    std::int64_t on_ranks = 0;  // answers that step, those of units that drain among them
    double kv_mean = 0.0, kv_fullest = 0.0;  // of the capacity of a rank, over the units that serve
    std::int64_t stepping_ns = 0;            // unit time in steps
    double tokens = 0.0;                     // made in steps that have ended
  } decode;
};

class Observer {
 public:
  virtual ~Observer() = default;
  // In order of their last token; requests from before and after the window among them.
  virtual void finished(std::span<const Finished> requests) = 0;
  // In order of arrival, rejected requests among them.
  virtual void arrived(std::span<const workload::Arrival> /*requests*/) {}
  virtual void began(std::span<const Began> /*requests*/) {}
  virtual void joined(std::span<const Joined> /*requests*/) {}
  virtual void stepped(std::span<const Stepped> /*steps*/) {}
  // In order of time among those of prefill, and among those of decode.
  virtual void set_back(std::span<const SetBack> /*requests*/) {}
  virtual void sampled(const Sample& /*sample*/) {}
};

}  // namespace tideline::fleet
