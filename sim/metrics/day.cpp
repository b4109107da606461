#include "sim/metrics/day.h"

namespace tideline::metrics {

TokenCounts& TokenCounts::operator+=(const TokenCounts& other) {
  requests += other.requests;
  input_hit += other.input_hit;
  input_miss += other.input_miss;
  output += other.output;
  return *this;
}

void Latencies::merge(const Latencies& other) {
  ttft.merge(other.ttft);
  tpot.merge(other.tpot);
  e2e.merge(other.e2e);
}

Day::Day(Duration window, std::size_t classes)
    : window_(window),
      hours_(static_cast<std::size_t>((window.ns + kNsPerHour - 1) / kNsPerHour)),
      slots_(static_cast<std::size_t>((window.ns + kSlotNs - 1) / kSlotNs)),
      by_class_(classes) {}

void Day::finished(std::span<const fleet::Finished> requests) {
  for (const fleet::Finished& r : requests) {
    if (r.arrival.ns < 0 || r.arrival.ns >= window_.ns) continue;
    const TokenCounts counts{1, r.cached, r.input - r.cached, r.output};
    Hour& hour = hours_[static_cast<std::size_t>(r.arrival.ns / kNsPerHour)];
    hour.tokens += counts;
    slots_[static_cast<std::size_t>(r.arrival.ns / kSlotNs)] += counts;
    by_class_[r.request_class] += counts;
    kv_token_sum_ += static_cast<double>(r.output) * (r.input + 0.5 * (r.output + 1.0));
    hour.latencies.ttft.add(r.first_token - r.arrival);
    hour.latencies.e2e.add(r.last_token - r.arrival);
    if (r.output > 1) {
      const Duration decode = r.last_token - r.first_token;
      hour.latencies.tpot.add({decode.ns / (r.output - 1)});
      hour.decoded_tokens += r.output - 1;
      hour.decode_s += to_seconds(decode).value();
    }
  }
}

Hour Day::whole() const {
  Hour all;
  for (const Hour& h : hours_) {
    all.tokens += h.tokens;
    all.latencies.merge(h.latencies);
    all.decoded_tokens += h.decoded_tokens;
    all.decode_s += h.decode_s;
  }
  return all;
}

double Day::kv_tokens_per_output_token() const {
  std::int64_t output = 0;
  for (const Hour& h : hours_) output += h.tokens.output;
  return output > 0 ? kv_token_sum_ / static_cast<double>(output) : 0.0;
}

}  // namespace tideline::metrics
