// The window minute by minute: what came and went, and what stood where. Memory is one Minute each, whatever
// the number of requests.
//
// What stands somewhere is the mean over the turns of a minute: the fleet is looked at once a second. A
// minute that is not made of whole turns (a warm-up of broken seconds) is up to one second off.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/fleet/observer.h"
#include "sim/metrics/set_backs.h"
#include "sim/metrics/slo.h"

namespace tideline::metrics {

struct Minute {
  // By the minute of arrival, rejected requests among them.
  std::int64_t arrivals = 0, input_hit_tokens = 0, input_miss_tokens = 0;
  std::int64_t input_memory_tokens = 0;  // of the hits: those that memory held
  [[nodiscard]] double memory_share() const {
    const auto hits = static_cast<double>(input_hit_tokens);
    return hits > 0.0 ? static_cast<double>(input_memory_tokens) / hits : 0.0;
  }
  // By the minute of the last token; requests of the warm-up among them.
  std::int64_t finished = 0, good = 0, good_output_tokens = 0;
  SetBacks set_backs;               // by the minute in which that happened, likewise
  double output_tokens = 0;         // emitted in this minute
  std::int64_t prefill_passes = 0;  // begun
  double prefill_tokens = 0;        // that these compute
  // Means over the turns.
  double prefill_waiting = 0, prefill_computing = 0;
  double decode_waiting = 0, decode_moving = 0, on_ranks = 0;
  double kv_mean = 0;     // of the KV capacity of the units that serve
  double kv_fullest = 0;  // the fullest rank of any turn
  struct Units {
    double serving = 0, starting = 0, down = 0, draining = 0, maintenance = 0;
    [[nodiscard]] double working() const { return serving + draining; }
  } prefill_units, decode_units;
  double prefill_busy = 0, decode_busy = 0;  // share of the time of working units in passes, in steps
};

// Minutes that follow one another as one: counts are sums, what stands somewhere is their mean, shares of use
// are of the units that worked. A last minute that is cut off counts as a whole one.
Minute together(std::span<const Minute> minutes);

class Series {
 public:
  explicit Series(Duration window);
  void arrived(const workload::Arrival& request);
  void finished(const fleet::Finished& request, const Attainment& slo);
  void set_back(const fleet::SetBack& request);
  void sampled(const fleet::Sample& sample);

  // Means and shares filled in. The last minute may be cut off by the end of the window.
  [[nodiscard]] std::vector<Minute> minutes() const;

 private:
  // A minute whose means are sums over turns still.
  struct Sums {
    Minute minute;
    std::int64_t turns = 0;
    std::int64_t prefill_busy_ns = 0, prefill_working_ns = 0, decode_busy_ns = 0, decode_working_ns = 0;
  };
  Sums* at(std::int64_t ns);

  Duration window_;
  std::vector<Sums> minutes_;
  fleet::Sample before_;
};

}  // namespace tideline::metrics
