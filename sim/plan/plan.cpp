#include "sim/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

#include "sim/base/error.h"
#include "sim/parallel/for_each_index.h"
#include "sim/plan/staircase.h"

namespace tideline::plan {
namespace {

using scenario::Planning;
using scenario::Scenario;

constexpr int kRaisesMax = 4;
constexpr double kGrowthMax = 4.0;

// The load of every interval, as the day's curve has it; of sessions and traces, whatever comes.
std::vector<Load> loads_of(const Scenario& s, const Planning& p, bool steady) {
  constexpr std::int64_t kSlotMinutes = 24 * 60 / workload::kSlotsPerDay, kMinuteNs = 60 * kNsPerSecond;
  const auto rate_at = [&](std::int64_t ns) {
    const std::int64_t minute = s.first_minute + ns / kMinuteNs;
    return s.workload.rate[static_cast<std::size_t>(minute / kSlotMinutes % workload::kSlotsPerDay)];
  };
  std::vector<Load> loads;
  for (std::int64_t from = 0; from < s.window.ns; from += p.interval.ns) {
    const std::int64_t end = std::min(from + p.interval.ns, s.window.ns);
    double highest = 0.0, sum = 0.0, minutes = 0.0;
    for (std::int64_t t = from; steady && t < end; t += kMinuteNs) {
      highest = std::max(highest, rate_at(t));
      sum += rate_at(t), minutes += 1.0;
    }
    const double rate = p.load == scenario::PlannedLoad::kMean ? sum / std::max(minutes, 1.0) : highest;
    loads.push_back({.from = Instant{from}, .rate = rate * (1.0 + p.headroom)});
  }
  return loads;
}

class Planner {
 public:
  Planner(const Scenario& scenario, const Options& options)
      : options_(options),
        trials_(scenario, options.threads),
        scenario_(scenario),
        terms_(*scenario.planning) {
    plan_.scenario = scenario;
    // The schedule that is found stands in the place of scaling by load.
    plan_.scenario.fleet.prefill.scaling = plan_.scenario.fleet.decode.scaling = {};
  }

  Plan make() {
    check();
    loads_ = loads_of(scenario_, terms_, trials_.steady());
    std::vector<Load>& loads = loads_;
    std::vector<Came> came;
    if (!trials_.steady()) came = trials_.came();
    for (std::size_t i = 0; scenario_.workload.trace && i < loads.size(); ++i)
      if (came[i].in > 0.0) loads[i].before = came[i].before / came[i].in;
    // Prefill in plenty while decode is searched, then decode as found.
    std::vector<std::int64_t> plenty, found;
    for (const Load& l : loads)
      plenty.push_back(trials_.steady() ? 2 * trials_.estimate(l).prefill + 1 : terms_.units_max.prefill);
    const std::vector<Need> decode = search(Phase::kDecode, loads, plenty);
    if (plan_.not_within) return finish();
    for (const Need& n : decode) found.push_back(n.units);
    const std::vector<Need> prefill = search(Phase::kPrefill, loads, found);
    if (plan_.not_within) return finish();
    for (std::size_t i = 0; i < loads.size(); ++i)
      plan_.intervals.push_back(
          {loads[i].from,
           came.empty() ? loads[i].rate : came[i].in,
           prefill[i],
           decode[i],
           {prefill[i].units + terms_.spare.prefill, decode[i].units + terms_.spare.decode},
           {}});
    if (!trials_.steady())
      for (Interval& i : plan_.intervals)
        for (Need* const need : {&i.prefill, &i.decode}) need->holds_to = need->fails_at = i.rate;
    build();
    for (plan_.raised = 0; options_.run_the_day; ++plan_.raised) {
      say("the day on this schedule");
      plan_.day = scenario::run(plan_.scenario, {.threads = options_.threads});
      if (!raise()) break;
      build();
    }
    with_a_unit_less();
    stress();
    return finish();
  }

 private:
  void check() const {
    if (scenario_.window.ns > 24 * kNsPerHour)
      throw InputError(Problem{.message = "a plan is made for a day or less; \"duration\" is longer"});
    if (terms_.headroom > 0.0 && !trials_.steady())
      throw InputError(
          Problem{.message = "headroom is for drawn requests: of a trace or of sessions, raise the rate "
                             "instead (workload.trace.rate, workload.requests_per_day)"});
  }
  void say(const std::string& what) {
    const std::lock_guard lock(saying_);
    if (options_.progress) options_.progress(what);
  }
  Plan finish() {
    plan_.trials = trials_.runs();
    return std::move(plan_);
  }

  std::vector<Need> search(Phase side, const std::vector<Load>& loads,
                           const std::vector<std::int64_t>& other) {
    const std::int64_t most = terms_.units_max.of(side) - terms_.spare.of(side);
    Search search(trials_, side, most, loads, other);
    std::vector<Need> needs = search.run([&](Phase s, std::size_t done, std::size_t all) {
      say(fmt::format("{} units: {} of {} loads, {} trials", to_string(s), done, all, trials_.runs()));
    });
    for (std::size_t i = 0; i < loads.size() && !plan_.not_within; ++i)
      if (needs[i].units == 0 && needs[i].decides.target.limit > 0.0)
        not_within(side, loads[i], other[i], most, needs[i].decides);
    return needs;
  }

  // How much of a load all the allowed units hold, to a fiftieth.
  void not_within(Phase side, const Load& load, std::int64_t other, std::int64_t most,
                  const Measure& attained) {
    plan_.not_within = {
        .side = side, .from = load.from, .units = most, .attained = attained, .load_held = {}};
    if (!trials_.steady()) return;
    Units units;
    units.of(side) = most;
    units.of(other_phase(side)) = other;
    double holds = 0.0, fails = 1.0;
    while (fails - holds > 0.02) {
      const double share = 0.5 * (holds + fails);
      (trials_.run({load.from, load.rate * share}, units, options_.threads).holds(side) ? holds : fails) =
          share;
    }
    plan_.not_within->load_held = holds;
  }

  // The schedule of the intervals' units, and what it costs in node-hours.
  void build() {
    std::vector<std::int64_t> prefill, decode;
    for (const Interval& i : plan_.intervals) {
      prefill.push_back(i.units.prefill);
      decode.push_back(i.units.decode);
    }
    const auto intervals =
        static_cast<std::size_t>((terms_.hold.ns + terms_.interval.ns - 1) / terms_.interval.ns);
    const bool round = scenario_.window.ns == 24 * kNsPerHour;
    prefill = held(prefill, intervals, round);
    decode = held(decode, intervals, round);
    std::vector<Units> units;
    for (std::size_t i = 0; i < plan_.intervals.size(); ++i) {
      units.push_back({prefill[i], decode[i]});
      plan_.intervals[i].units = units.back();
    }
    fleet::Fleet& f = plan_.scenario.fleet;
    f.schedule = schedule(units, terms_.interval, scenario_.warm_up, f.prefill.availability.start_up,
                          f.decode.availability.start_up);
    const fleet::NodeTime time = fleet::node_time(f, Instant{}, Instant{scenario_.window.ns});
    plan_.node_hours_prefill = to_hours(time.prefill_ns);
    plan_.node_hours_decode = to_hours(time.decode_ns);
  }

  // A unit more of each kind that missed a target, in every interval of the hours in which the day did. False
  // when there are none, or no units more.
  bool raise() {
    plan_.missed.clear();
    bool more = false;
    for (std::size_t h = 0; h < plan_.day->hours.size(); ++h) {
      std::array<bool, 2> missed{};  // by side
      const scenario::Service& s = plan_.day->hours[h].service;
      for (const Target& t : terms_.targets) {
        const double value = t.of(s.ttft_s, s.tpot_s, s.output_speed_tok_s_user);
        if (s.tokens.requests == 0 || t.met_by(value)) continue;
        plan_.missed.push_back({hour(h), {t, value}});
        missed[static_cast<std::size_t>(t.side())] = true;
      }
      for (const Phase side : {Phase::kPrefill, Phase::kDecode})
        if (missed[static_cast<std::size_t>(side)] && plan_.raised < kRaisesMax)
          more |= add_unit(side, hour(h), hour(h + 1));
    }
    return more;
  }
  static Instant hour(std::size_t h) { return {static_cast<std::int64_t>(h) * kNsPerHour}; }
  // In every interval that has a part of that time. False when there is none, or all that are allowed serve.
  bool add_unit(Phase side, Instant from, Instant until) {
    bool more = false;
    for (Interval& i : plan_.intervals) {
      if (i.from >= until || i.from + terms_.interval <= from) continue;
      if (i.units.of(side) >= terms_.units_max.of(side)) continue;
      ++i.units.of(side), ++i.added.of(side);
      more = true;
    }
    return more;
  }

  // What the last unit of each step and side is good for, where it is needed most.
  void with_a_unit_less() {
    struct Job {
      Interval& first;
      std::size_t most;  // interval
      Phase side;
    };
    std::vector<Job> jobs;
    std::vector<Interval>& all = plan_.intervals;
    for (const auto& [begin, end] : steps(all))
      for (const Phase side : {Phase::kPrefill, Phase::kDecode}) {
        if (all[begin].units.of(side) < 2) continue;
        const auto need = [&](std::size_t i) { return std::pair(all[i].needs(side).units, all[i].rate); };
        std::size_t most = begin;
        for (std::size_t i = begin + 1; i < end; ++i)
          if (need(i) > need(most)) most = i;
        jobs.push_back({all[begin], most, side});
      }
    parallel::for_each_index(jobs.size(), options_.threads, [&](std::size_t n) {
      const auto& [first, most, side] = jobs[n];
      say("a unit less, step by step");
      const Outcome outcome = trials_.run(loads_[most], without_one(all[most].units, side), 1);
      if (const Measure* const m = outcome.nearest(side)) first.less(side) = {all[most].rate, *m};
    });
  }
  static Units without_one(Units units, Phase side) {
    --units.of(side);
    return units;
  }

  // What the units at the most load are good for: more load, and the loss of one of them.
  void stress() {
    const Interval& peak = *std::ranges::max_element(plan_.intervals, {}, [&](const Interval& i) {
      return trials_.steady() ? i.rate : static_cast<double>(i.units.decode);
    });
    std::array<std::vector<Loss>, 2> losses;
    parallel::for_each_index(4, options_.threads, [&](std::size_t n) {
      const Phase side = n < 2 ? Phase::kPrefill : Phase::kDecode;
      if (n % 2 == 1)
        losses[n / 2] = lost_unit(peak, side);
      else if (trials_.steady())
        (n < 2 ? plan_.holds_prefill : plan_.holds_decode) = held_load(peak, side);
    });
    for (const auto& of_side : losses)
      plan_.losses.insert(plan_.losses.end(), of_side.begin(), of_side.end());
  }

  // Nothing where there is only one.
  std::vector<Loss> lost_unit(const Interval& peak, Phase side) {
    if (peak.units.of(side) < 2) return {};
    say("the loss of a unit at the most load");
    const Load& load = loads_[static_cast<std::size_t>(&peak - plan_.intervals.data())];
    return {{side, trials_.run(load, without_one(peak.units, side), 1)}};
  }

  double held_load(const Interval& peak, Phase side) {
    say("growth of the most load");
    Units units = peak.units;
    std::int64_t& other = units.of(other_phase(side));
    other = 2 * other + 1;  // in plenty
    double holds = 1.0, fails = 1.0;
    do {
      holds = fails;
      fails = 1.0 + 2.0 * (fails - 1.0) + 1.0 / static_cast<double>(units.of(side));
    } while (fails < kGrowthMax && trials_.run({peak.from, peak.rate * fails}, units, 1).holds(side));
    while (fails - holds > 0.01) {
      const double middle = 0.5 * (holds + fails);
      (trials_.run({peak.from, peak.rate * middle}, units, 1).holds(side) ? holds : fails) = middle;
    }
    return holds;
  }

  const Options& options_;
  std::vector<Load> loads_;  // by interval
  std::mutex saying_;
  Trials trials_;
  const Scenario& scenario_;
  const Planning& terms_;
  Plan plan_;
};

}  // namespace

std::vector<Step> steps(const std::vector<Interval>& intervals) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < intervals.size(); ++i)
    if (i > 0 && intervals[i - 1].units == intervals[i].units)
      steps.back().end = i + 1;
    else
      steps.push_back({i, i + 1});
  return steps;
}

Plan make_plan(const Scenario& scenario, const Options& options) {
  return Planner(scenario, options).make();
}

}  // namespace tideline::plan
