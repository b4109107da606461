#include "sim/metrics/day.h"

#include <utility>

namespace tideline::metrics {

TokenCounts& TokenCounts::operator+=(const TokenCounts& other) {
  requests += other.requests;
  input_hit += other.input_hit;
  input_miss += other.input_miss;
  output += other.output;
  return *this;
}

void Latencies::merge(const Latencies& other) {
  for (const auto latency : {&Latencies::queue, &Latencies::ttft, &Latencies::decode_wait, &Latencies::tpot,
                             &Latencies::itl, &Latencies::e2e})
    (this->*latency).merge(other.*latency);
}

void Slice::merge(const Slice& other) {
  tokens += other.tokens;
  latencies.merge(other.latencies);
  slo += other.slo;
  set_backs += other.set_backs;
  decoded_tokens += other.decoded_tokens;
  decode_s += other.decode_s;
}

Day::Day(Duration window, std::size_t classes, std::optional<Slos> slos)
    : window_(window),
      classes_(classes),
      slos_(std::move(slos)),
      hours_(static_cast<std::size_t>((window.ns + kNsPerHour - 1) / kNsPerHour)),
      by_class_(classes > 1 ? classes : 0),
      slots_(static_cast<std::size_t>((window.ns + kSlotNs - 1) / kSlotNs) * classes),
      series_(window),
      queues_(window) {}

void Day::finished(std::span<const fleet::Finished> requests) {
  for (const fleet::Finished& r : requests) {
    const RequestLatencies l = latencies_of(r);
    Attainment slo;
    if (slos_) slo.answered(r, slos_->by_class[r.request_class]);
    series_.finished(r, slo);
    const TokenCounts counts{1, r.cached, r.input - r.cached, r.output};
    in_slices(r.arrival, r.request_class, [&](Slice& s) {
      s.tokens += counts;
      if (slos_) s.slo += slo;
      s.latencies.ttft.add(l.ttft);
      s.latencies.e2e.add(l.e2e);
      if (r.output == 1) return;
      s.latencies.tpot.add(l.tpot);
      s.decoded_tokens += r.output - 1;
      s.decode_s += to_seconds(r.last_token - r.first_token).value();
    });
    if (r.arrival.ns < 0 || r.arrival.ns >= window_.ns) continue;
    slots_[static_cast<std::size_t>(r.arrival.ns / kSlotNs) * classes_ + r.request_class] += counts;
    kv_token_sum_ += static_cast<double>(r.output) * (r.input + 0.5 * (r.output + 1.0));
  }
}

void Day::arrived(std::span<const workload::Arrival> requests) {
  for (const workload::Arrival& r : requests) {
    in_slices(r.at, r.request_class, [](Slice& s) { ++s.slo.offered; });
    series_.arrived(r);
    queues_.arrived(r.at);
  }
}

void Day::began(std::span<const fleet::Began> requests) {
  for (const fleet::Began& r : requests)
    in_slices(r.arrival, r.request_class, [&](Slice& s) { s.latencies.queue.add(r.at - r.arrival); });
}

void Day::joined(std::span<const fleet::Joined> requests) {
  for (const fleet::Joined& r : requests) {
    in_slices(r.arrival, r.request_class,
              [&](Slice& s) { s.latencies.decode_wait.add(r.at - r.first_token); });
    in_slices(r.step_end, r.request_class,
              [&](Slice& s) { s.latencies.itl.add(r.step_end - r.first_token); });
  }
}

void Day::stepped(std::span<const fleet::Stepped> steps) {
  for (const fleet::Stepped& step : steps)
    in_slices(step.end, step.request_class,
              [&](Slice& s) { s.latencies.itl.add(step.duration, step.requests); });
}

void Day::set_back(std::span<const fleet::SetBack> requests) {
  for (const fleet::SetBack& r : requests) {
    in_slices(r.arrival, r.request_class, [&](Slice& s) { s.set_backs.add(r.kind); });
    series_.set_back(r);
  }
}

void Day::sampled(const fleet::Sample& sample) {
  series_.sampled(sample);
  queues_.sampled(sample);
}

std::vector<Slice> Day::by_class() const {
  return by_class_.empty() ? std::vector<Slice>{whole()} : by_class_;
}

Slice Day::whole() const {
  Slice all;
  for (const Slice& h : hours_) all.merge(h);
  return all;
}

double Day::kv_tokens_per_output_token() const {
  std::int64_t output = 0;
  for (const Slice& h : hours_) output += h.tokens.output;
  return output > 0 ? kv_token_sum_ / static_cast<double>(output) : 0.0;
}

}  // namespace tideline::metrics
