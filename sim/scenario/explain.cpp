#include "sim/scenario/explain.h"

#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "sim/fleet/simulation.h"
#include "sim/scenario/step_times.h"

namespace tideline::scenario {
namespace {

// How many came before the window ended, and until when it was run.
struct Watch : fleet::Observer {
  explicit Watch(Duration length) : window(length) {}
  void finished(std::span<const fleet::Finished>) override {}
  void arrived(std::span<const workload::Arrival> requests) override {
    for (const workload::Arrival& r : requests) count += r.at.ns < window.ns;
  }
  void sampled(const fleet::Sample& sample) override { until = sample.at; }
  Duration window;
  std::uint64_t count = 0;
  Instant until;
};

// Whether what was computed for it is gone, and is computed again.
constexpr bool loses_cache(fleet::Displaced::Why why) {
  using Why = fleet::Displaced::Why;
  return why == Why::kDecodeLost || why == Why::kCacheLost || why == Why::kPreempted;
}

// Goes through what happened, and gives each span of time to its cause.
class Clockwork {
 public:
  explicit Clockwork(Instant arrival) : now_(arrival) {}

  void operator()(const fleet::Queued&) {}
  void operator()(const fleet::NoUnit&) {}
  void operator()(const fleet::HeldUp& h) {
    pass(h.from);
    cause_ = Cause::kMemory;
    pass(h.to);
    cause_ = Cause::kQueue;
  }
  void operator()(const fleet::InPass& p) {
    pass(p.from);
    cause_ = Cause::kPass;
    pass(p.to);
    cause_ = Cause::kBetweenPasses;
  }
  void operator()(const fleet::Computed& c) {
    pass(c.at);
    if (!c.again) causes.ttft = times_;
    again_ = false;
    cause_ = Cause::kRank;
  }
  void operator()(const fleet::WaitsForRank&) {}
  void operator()(const fleet::Placed& p) {
    pass(p.at);
    cause_ = Cause::kTransfer;
    pass(p.ready);
    cause_ = Cause::kStepStart;
  }
  void operator()(const fleet::OnRank& r) {
    pass(r.from);
    cause_ = Cause::kSteps;
    pass(r.to);
  }
  void operator()(const fleet::Displaced& d) {
    if (now_ > d.at) cause_ = last_;  // what was under way did not come to its end: back to the moment itself
    pass(d.at);
    again_ = again_ || loses_cache(d.why);
    cause_ = d.why == fleet::Displaced::Why::kDecodeCloses ? Cause::kRank : Cause::kQueue;
  }
  void operator()(const fleet::Ended& e) {
    pass(e.at);
    causes.e2e = times_;
  }

  Causes causes;

 private:
  void pass(Instant to) {
    Duration& time = times_[static_cast<std::size_t>(again_ ? Cause::kAgain : cause_)];
    time = time + (to - now_);
    now_ = to;
    last_ = cause_;
  }
  Instant now_;
  Cause cause_ = Cause::kQueue, last_ = Cause::kQueue;
  bool again_ = false;
  TimeByCause times_{};
};

}  // namespace

Duration total(const TimeByCause& times) {
  return std::accumulate(times.begin(), times.end(), Duration{});
}

Causes causes_of(const fleet::Tale& tale) {
  Clockwork clockwork(tale.arrival()->at);
  for (const fleet::Happening& h : tale.happenings()) std::visit(clockwork, h);
  return clockwork.causes;
}

std::string Explanation::nothing() const {
  const std::uint64_t n = tale.request();
  if (!tale.arrival())
    return arrived == 0
               ? "the scenario has no requests"
               : fmt::format("there is no request {}: those of the warm-up and the window are 0 to {}", n,
                             arrived - 1);
  if (tale.rejected())
    return fmt::format(
        "request {} was rejected: its {} tokens of prompt and answer are more than a GPU's KV cache or the "
        "model's context holds",
        n, tale.arrival()->lengths.input + tale.arrival()->lengths.output);
  return "";
}

Explanation explain(const Scenario& scenario, std::uint64_t request,
                    const std::function<void(Instant, std::uint64_t)>& progress) {
  Explanation e{.scenario = scenario, .tale = fleet::Tale(request), .arrived = 0, .until = {}, .causes = {}};
  require_schedule(scenario);
  step::SurfaceTimes times = step_times(scenario, scenario.replication, 1);
  const fleet::RunSettings settings{.seed = scenario.seed,
                                    .run = scenario.replication,
                                    .window = scenario.window,
                                    .warm_up = scenario.warm_up,
                                    .progress = progress,
                                    .tale = &e.tale};
  Watch watch(scenario.window);
  const auto arrivals = workload::make_arrivals(scenario.workload, scenario.seed, scenario.replication,
                                                Instant{-scenario.warm_up.ns});
  simulate(scenario.fleet, scenario.workload.classes, *arrivals, times, settings, watch);
  e.arrived = watch.count;
  e.until = watch.until;
  if (e.tale.arrival()) e.causes = causes_of(e.tale);
  return e;
}

}  // namespace tideline::scenario
