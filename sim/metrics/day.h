// What is measured of the requests that arrive in the window: tokens by meter, latencies, speeds, SLOs;
// whole, by hour and by class. A request belongs to the hour in which it arrives, a gap between tokens to the
// hour in which it ends. Definitions with formulas: README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/fleet/observer.h"
#include "sim/metrics/growth.h"
#include "sim/metrics/histogram.h"
#include "sim/metrics/series.h"
#include "sim/metrics/set_backs.h"
#include "sim/metrics/slo.h"

namespace tideline::metrics {

// Exact counts, of answered requests; the meters are those of a price book.
struct TokenCounts {
  std::int64_t requests = 0;
  std::int64_t input_hit = 0, input_miss = 0, output = 0;
  [[nodiscard]] std::int64_t input() const { return input_hit + input_miss; }
  TokenCounts& operator+=(const TokenCounts& other);
};

struct Latencies {
  Histogram queue;        // arrival to the start of the first pass that computes something of the prompt
  Histogram ttft;         // arrival to first token
  Histogram decode_wait;  // first token to the start of the first step: wait for a rank, transfer, step
  Histogram tpot;         // mean gap between the tokens of one request, for requests of two tokens and more
  // Gap between two moments at which a request emits: from the first token to the end of its first step, then
  // step by step. A step whose draft is accepted emits two tokens at once: one gap, as its reader sees it.
  // Error: a gap in which an answer changes units, or is computed again, counts as one step.
  Histogram itl;
  Histogram e2e;  // arrival to last token
  void merge(const Latencies& other);
};

// No price window is finer than a slot.
inline constexpr std::int64_t kSlotMinutes = 15;
inline constexpr std::int64_t kSlotNs = kSlotMinutes * 60 * kNsPerSecond;

// The requests of an hour, of a class, or of the whole window.
struct Slice {
  TokenCounts tokens;
  Latencies latencies;
  Attainment slo;                   // only `offered` where there are no SLOs
  SetBacks set_backs;               // of its requests, whenever
  std::int64_t decoded_tokens = 0;  // tokens after the first
  double decode_s = 0.0;            // time from first to last token, summed over requests
  // What one user sees: tokens after the first per second between first and last.
  [[nodiscard]] double output_speed() const {
    return decode_s > 0.0 ? static_cast<double>(decoded_tokens) / decode_s : 0.0;
  }
  void merge(const Slice& other);
};

class Day : public fleet::Observer {
 public:
  Day(Duration window, std::size_t classes, std::optional<Slos> slos = {});
  void finished(std::span<const fleet::Finished> requests) override;
  void arrived(std::span<const workload::Arrival> requests) override;
  void began(std::span<const fleet::Began> requests) override;
  void joined(std::span<const fleet::Joined> requests) override;
  void stepped(std::span<const fleet::Stepped> steps) override;
  void set_back(std::span<const fleet::SetBack> requests) override;
  void sampled(const fleet::Sample& sample) override;

  [[nodiscard]] const std::vector<Slice>& hours() const { return hours_; }
  // Quarters of an hour, each with one entry a class: [slot * classes + class].
  [[nodiscard]] const std::vector<TokenCounts>& slots() const { return slots_; }
  // One slice a class.
  [[nodiscard]] std::vector<Slice> by_class() const;
  // All hours together.
  [[nodiscard]] Slice whole() const;
  [[nodiscard]] const Series& series() const { return series_; }
  [[nodiscard]] const Queues& queues() const { return queues_; }
  // Tokens of KV cache that an output token attends to, on average: sum over requests of o i + o (o + 1) / 2
  // by the sum of o.
  [[nodiscard]] double kv_tokens_per_output_token() const;

 private:
  // Calls count(slice) for the hour of an instant and, where there are several, the class.
  template <class Count>
  void in_slices(Instant at, std::uint8_t request_class, Count count) {
    if (at.ns < 0 || at.ns >= window_.ns) return;
    count(hours_[static_cast<std::size_t>(at.ns / kNsPerHour)]);
    if (!by_class_.empty()) count(by_class_[request_class]);
  }

  Duration window_;
  std::size_t classes_;
  std::optional<Slos> slos_;
  std::vector<Slice> hours_;
  std::vector<Slice> by_class_;  // empty where there is one class: it is the whole
  std::vector<TokenCounts> slots_;
  Series series_;
  Queues queues_;
  double kv_token_sum_ = 0.0;
};

}  // namespace tideline::metrics
