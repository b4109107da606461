#include "sim/plan/trial.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "sim/fleet/simulation.h"
#include "sim/metrics/day.h"
#include "sim/scenario/mean_request.h"

namespace tideline::plan {
namespace {

// The last requests of a trial may be long: what they would have said is like what the others say.
constexpr Duration kPatience{60 * kNsPerSecond};

// Requests from `from` on, at their times less an offset. What comes before is read and left out.
class Shifted : public workload::ArrivalSource {
 public:
  Shifted(std::unique_ptr<workload::ArrivalSource> source, Instant from, Duration offset)
      : source_(std::move(source)), offset_(offset) {
    workload::Arrival a;
    while (!first_ && source_->read({&a, 1}) == 1)
      if (a.at >= from) first_ = a;
  }
  std::size_t read(std::span<workload::Arrival> arrivals) override {
    std::size_t count = 0;
    if (first_ && !arrivals.empty()) arrivals[count++] = *std::exchange(first_, std::nullopt);
    count += source_->read(arrivals.subspan(count));
    for (workload::Arrival& a : arrivals.first(count)) a.at = a.at - offset_;
    return count;
  }

 private:
  std::unique_ptr<workload::ArrivalSource> source_;
  Duration offset_;
  std::optional<workload::Arrival> first_;
};

std::int64_t whole_units(double units, std::int64_t most) {
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(units)), 1, most);
}

}  // namespace

const Measure* Outcome::nearest(Phase side) const {
  const auto missed_by = [](const Measure& m) {
    const double more = m.value / m.target.limit - 1.0;
    return m.target.metric == Target::Metric::kOutputSpeed ? -more : more;
  };
  const Measure* nearest = nullptr;
  for (const Measure& m : measures)
    if (m.target.side() == side && (!nearest || missed_by(m) > missed_by(*nearest))) nearest = &m;
  return nearest;
}

const Measure* Outcome::worst(Phase side) const {
  const Measure* const m = nearest(side);
  return m != nullptr && !m->met() ? m : nullptr;
}

Trials::Trials(const scenario::Scenario& s, int threads)
    : scenario_(s), planning_(*s.planning), surfaces_(scenario::surfaces(s, threads)), threads_(threads) {}

bool Trials::steady() const {
  return !scenario_.workload.sessions && !scenario_.workload.trace;
}

// A trace whose load falls would leave a queue behind that the day, with its units of before, does not have.
// A twentieth is as good as none (assumed).
Units Trials::warming(const Load& load, Units units) const {
  if (load.before < 1.05) return units;
  const auto enough = [&](Phase side) {
    const std::int64_t n = units.of(side);
    return std::max(n, whole_units(static_cast<double>(n) * load.before, planning_.units_max.of(side)));
  };
  return {enough(Phase::kPrefill), enough(Phase::kDecode)};
}

Outcome Trials::run(const Load& load, Units units, int threads) {
  ++runs_;
  fleet::RunSettings settings{.seed = scenario_.seed,
                              .run = scenario_.replication,
                              .window = steady() ? planning_.trial_window : planning_.interval,
                              .warm_up = planning_.trial_warm_up,
                              .patience = kPatience,
                              .threads = threads,
                              .progress = {}};
  fleet::Fleet f = scenario_.fleet;
  const Units before = warming(load, units);
  f.schedule = {{settings.start(), before.prefill, before.decode}};
  if (before != units) f.schedule.push_back({Instant{}, units.prefill, units.decode});
  f.prefill.availability = f.decode.availability = {};
  f.prefill.scaling = f.decode.scaling = {};

  workload::Workload workload = scenario_.workload;
  if (steady()) workload.rate.fill(load.rate);
  const Duration offset = steady() ? Duration{} : load.from - Instant{};
  const Instant from{offset.ns - settings.warm_up.ns};
  // A trace begins with the day's warm-up, whatever part of it is tried.
  const Instant begin = workload.trace ? Instant{-scenario_.warm_up.ns} : from;
  Shifted arrivals(workload::make_arrivals(workload, scenario_.seed, scenario_.replication, begin), from,
                   offset);
  step::SurfaceTimes times(surfaces_.prefill, surfaces_.decode, scenario_.seed, scenario_.replication);
  metrics::Day day(settings.window, workload.classes.size());
  simulate(f, workload.classes, arrivals, times, settings, day);

  const metrics::Slice all = day.whole();
  if (all.slo.offered == 0) return {units, {}};  // nobody came
  const metrics::Summary ttft = all.latencies.ttft.summary(), tpot = all.latencies.tpot.summary();
  // Where most are still waiting at the end, what the others had says nothing: no target is kept.
  const bool overrun = 2 * all.tokens.requests < all.slo.offered;
  Outcome outcome{units, {}};
  for (const Target& t : planning_.targets)
    outcome.measures.push_back({t, overrun ? t.never() : t.of(ttft, tpot, all.output_speed())});
  return outcome;
}

std::vector<Came> Trials::came() const {
  const std::int64_t begin = -scenario_.warm_up.ns;
  const auto source =
      workload::make_arrivals(scenario_.workload, scenario_.seed, scenario_.replication, Instant{begin});
  std::vector<double> seconds;  // requests in each, from the beginning on
  for (workload::Arrival a; source->read({&a, 1}) == 1 && a.at.ns < scenario_.window.ns;) {
    const auto second = static_cast<std::size_t>((a.at.ns - begin) / kNsPerSecond);
    if (second >= seconds.size()) seconds.resize(second + 1);
    ++seconds[second];
  }
  const auto rate = [&](std::int64_t from, std::int64_t end) {
    double requests = 0.0;
    const std::int64_t first = (std::max(from, begin) - begin) / kNsPerSecond;
    const std::int64_t last = std::min<std::int64_t>((end - begin) / kNsPerSecond, std::ssize(seconds));
    for (std::int64_t i = first; i < last; ++i) requests += seconds[static_cast<std::size_t>(i)];
    const Seconds time = to_seconds(Duration{end - std::max(from, begin)});
    return time > Seconds(0.0) ? requests / time.value() : 0.0;
  };
  std::vector<Came> came;
  for (std::int64_t from = 0; from < scenario_.window.ns; from += planning_.interval.ns)
    came.push_back({.in = rate(from, std::min(from + planning_.interval.ns, scenario_.window.ns)),
                    .before = rate(from - planning_.trial_warm_up.ns, from)});
  return came;
}

Units Trials::estimate(const Load& load) const {
  constexpr double kFill = 0.6;
  const scenario::MeanRequest m = scenario::mean_request(scenario_);
  const fleet::PrefillSettings& prefill = scenario_.fleet.prefill;
  const auto budget = static_cast<double>(prefill.tokens_per_gpu);
  const double prompts = budget / std::max(m.computed, 1.0);
  const Seconds pass = surfaces_.prefill({.tokens_mean = budget,
                                          .tokens_busiest = budget,
                                          .pairs_busiest = prompts * m.pairs,
                                          .context_busiest = prompts * m.input});
  const double computed_per_s = budget * static_cast<double>(prefill.unit.gpus()) / pass.value();

  const fleet::DecodeSettings& decode = scenario_.fleet.decode;
  const double tokens_per_step = 1.0 + static_cast<double>(decode.unit.draft_tokens) * m.acceptance;
  const double room = decode.unit.kv_capacity_tokens(decode.memory_reserve);
  double answers_per_s = 0.0;  // of one unit
  for (double requests = 1.0; requests * m.kv <= room; requests *= 1.05) {
    const double step =
        surfaces_
            .decode({.requests_mean = requests, .requests_busiest = requests, .kv_busiest = requests * m.kv})
            .value();
    const double token = step / tokens_per_step;
    const bool holds = std::ranges::all_of(planning_.targets, [&](const Target& t) {
      return t.side() == Phase::kPrefill ||
             t.met_by(t.metric == Target::Metric::kOutputSpeed ? 1.0 / token : token);
    });
    if (!holds) break;
    answers_per_s = requests * static_cast<double>(decode.unit.gpus()) / (token * std::max(m.decoded, 1.0));
  }
  return {whole_units(load.rate * m.computed / (computed_per_s * kFill), planning_.units_max.prefill),
          whole_units(answers_per_s > 0.0 ? load.rate / answers_per_s : 1e9, planning_.units_max.decode)};
}

}  // namespace tideline::plan
