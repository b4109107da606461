#include "sim/metrics/series.h"

#include <algorithm>
#include <array>

namespace tideline::metrics {
namespace {

constexpr std::int64_t kMinuteNs = 60 * kNsPerSecond;

void add(Minute::Units& sums, const fleet::UnitCounts& units) {
  sums.serving += static_cast<double>(units.serving);
  sums.starting += static_cast<double>(units.starting);
  sums.down += static_cast<double>(units.down);
  sums.draining += static_cast<double>(units.draining);
  sums.maintenance += static_cast<double>(units.maintenance);
}

// What is a mean over time.
std::array<double*, 16> means_of(Minute& m) {
  auto &p = m.prefill_units, &d = m.decode_units;
  return {&m.prefill_waiting, &m.prefill_computing, &m.decode_waiting, &m.decode_moving, &m.on_ranks,
          &m.kv_mean,         &p.serving,           &p.starting,       &p.down,          &p.draining,
          &p.maintenance,     &d.serving,           &d.starting,       &d.down,          &d.draining,
          &d.maintenance};
}

// A unit that closes still ends its pass: not more than all.
double share(std::int64_t busy_ns, std::int64_t working_ns) {
  return working_ns > 0 ? std::min(1.0, static_cast<double>(busy_ns) / static_cast<double>(working_ns)) : 0.0;
}

}  // namespace

Minute together(std::span<const Minute> minutes) {
  Minute all;
  double prefill_busy = 0, decode_busy = 0;  // unit minutes
  for (Minute m : minutes) {
    all.arrivals += m.arrivals, all.finished += m.finished, all.good += m.good;
    all.input_hit_tokens += m.input_hit_tokens, all.input_miss_tokens += m.input_miss_tokens;
    all.input_memory_tokens += m.input_memory_tokens;
    all.output_tokens += m.output_tokens, all.good_output_tokens += m.good_output_tokens;
    all.set_backs += m.set_backs;
    all.prefill_passes += m.prefill_passes, all.prefill_tokens += m.prefill_tokens;
    all.kv_fullest = std::max(all.kv_fullest, m.kv_fullest);
    prefill_busy += m.prefill_busy * m.prefill_units.working();
    decode_busy += m.decode_busy * m.decode_units.working();
    const auto sums = means_of(all), means = means_of(m);
    for (std::size_t i = 0; i < sums.size(); ++i) *sums[i] += *means[i];
  }
  if (all.prefill_units.working() > 0) all.prefill_busy = prefill_busy / all.prefill_units.working();
  if (all.decode_units.working() > 0) all.decode_busy = decode_busy / all.decode_units.working();
  for (double* mean : means_of(all)) *mean /= static_cast<double>(std::max<std::size_t>(minutes.size(), 1));
  return all;
}

Series::Series(Duration window)
    : window_(window), minutes_(static_cast<std::size_t>((window.ns + kMinuteNs - 1) / kMinuteNs)) {}

Series::Sums* Series::at(std::int64_t ns) {
  return ns >= 0 && ns < window_.ns ? &minutes_[static_cast<std::size_t>(ns / kMinuteNs)] : nullptr;
}

void Series::arrived(const workload::Arrival& r) {
  if (Sums* const sums = at(r.at.ns)) {
    ++sums->minute.arrivals;
    sums->minute.input_hit_tokens += r.lengths.cached;
    sums->minute.input_memory_tokens += r.lengths.in_memory;
    sums->minute.input_miss_tokens += r.lengths.input - r.lengths.cached;
  }
}

void Series::finished(const fleet::Finished& r, const Attainment& slo) {
  if (Sums* const sums = at(r.last_token.ns)) {
    ++sums->minute.finished;
    sums->minute.good += slo.good;
    sums->minute.good_output_tokens += slo.good_output_tokens;
  }
}

void Series::set_back(const fleet::SetBack& r) {
  if (Sums* const sums = at(r.at.ns)) sums->minute.set_backs.add(r.kind);
}

void Series::sampled(const fleet::Sample& s) {
  if (Sums* const sums = at(s.at.ns - 1)) {  // the end of a turn belongs to it
    const auto &p = s.prefill, &before_p = before_.prefill;
    const auto &d = s.decode, &before_d = before_.decode;
    const std::int64_t turn_ns = (s.at - before_.at).ns;
    Minute& m = sums->minute;
    ++sums->turns;
    m.output_tokens +=
        static_cast<double>(p.first_tokens - before_p.first_tokens) + d.tokens - before_d.tokens;
    m.prefill_passes += p.passes - before_p.passes, m.prefill_tokens += p.tokens - before_p.tokens;
    m.prefill_waiting += static_cast<double>(p.waiting);
    m.prefill_computing += static_cast<double>(p.computing);
    m.decode_waiting += static_cast<double>(d.waiting);
    m.decode_moving += static_cast<double>(d.moving);
    m.on_ranks += static_cast<double>(d.on_ranks);
    m.kv_mean += d.kv_mean;
    m.kv_fullest = std::max(m.kv_fullest, d.kv_fullest);
    add(m.prefill_units, p.units);
    add(m.decode_units, d.units);
    sums->prefill_busy_ns += p.busy_ns - before_p.busy_ns;
    sums->decode_busy_ns += d.stepping_ns - before_d.stepping_ns;
    sums->prefill_working_ns += turn_ns * (p.units.serving + p.units.draining);
    sums->decode_working_ns += turn_ns * (d.units.serving + d.units.draining);
  }
  before_ = s;
}

std::vector<Minute> Series::minutes() const {
  std::vector<Minute> minutes;
  for (const Sums& sums : minutes_) {
    Minute& m = minutes.emplace_back(sums.minute);
    const auto turns = static_cast<double>(std::max<std::int64_t>(sums.turns, 1));
    for (double* mean : means_of(m)) *mean /= turns;
    m.prefill_busy = share(sums.prefill_busy_ns, sums.prefill_working_ns);
    m.decode_busy = share(sums.decode_busy_ns, sums.decode_working_ns);
  }
  return minutes;
}

}  // namespace tideline::metrics
