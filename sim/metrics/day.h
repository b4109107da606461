// What is measured of the requests that arrive in the window: tokens by meter and hour, latencies, output
// speed. A request belongs to the hour in which it arrives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/fleet/observer.h"
#include "sim/fleet/simulation.h"
#include "sim/metrics/histogram.h"

namespace tideline::metrics {

// Exact counts; the meters are those of a price book.
struct TokenCounts {
  std::int64_t requests = 0;
  std::int64_t input_hit = 0, input_miss = 0, output = 0;
  [[nodiscard]] std::int64_t input() const { return input_hit + input_miss; }
  TokenCounts& operator+=(const TokenCounts& other);
};

struct Latencies {
  Histogram ttft;  // arrival to first token
  Histogram tpot;  // mean gap between the tokens of one request, for requests of two tokens and more
  Histogram e2e;   // arrival to last token
  void merge(const Latencies& other);
};

// No price window is finer than a slot.
inline constexpr std::int64_t kSlotMinutes = 15;
inline constexpr std::int64_t kSlotNs = kSlotMinutes * 60 * kNsPerSecond;

struct Hour {
  TokenCounts tokens;
  Latencies latencies;
  std::int64_t decoded_tokens = 0;  // tokens after the first
  double decode_s = 0.0;            // time from first to last token, summed over requests
  // What one user sees: tokens after the first per second between first and last.
  [[nodiscard]] double output_speed() const {
    return decode_s > 0.0 ? static_cast<double>(decoded_tokens) / decode_s : 0.0;
  }
};

class Day : public fleet::Observer {
 public:
  Day(Duration window, std::size_t classes);
  void finished(std::span<const fleet::Finished> requests) override;

  [[nodiscard]] const std::vector<Hour>& hours() const { return hours_; }
  [[nodiscard]] const std::vector<TokenCounts>& slots() const { return slots_; }
  [[nodiscard]] const std::vector<TokenCounts>& by_class() const { return by_class_; }
  // All hours together.
  [[nodiscard]] Hour whole() const;
  // Tokens of KV cache that an output token attends to, on average: sum over requests of o i + o (o + 1) / 2
  // by the sum of o.
  [[nodiscard]] double kv_tokens_per_output_token() const;

 private:
  Duration window_;
  std::vector<Hour> hours_;
  std::vector<TokenCounts> slots_, by_class_;
  double kv_token_sum_ = 0.0;
};

}  // namespace tideline::metrics
