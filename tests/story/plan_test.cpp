// Does a plan hold what it promises? A twentieth of the flagship's load over three hours of the morning.
#include "sim/plan/plan.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "sim/report/plan_report.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::plan {
namespace {

scenario::Scenario morning(const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides{
      "start=2025-02-28T06:00:00+08:00",
      "duration=3 h",
      "warm_up=5 min",
      "workload.output_tokens_per_day=8.4 Gtok",
      "fleet.schedule=null",
      R"(plan={"targets": {"output_speed": "24 tok/s", "ttft_p99": "8 s"}, "interval": "1 h", "hold": "0 s",
               "trial_warm_up": "2 min", "trial_window": "1 min"})"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  // Units of four nodes, so that a small load needs several.
  overrides.push_back("decode.nodes=4");
  overrides.push_back("decode.redundant_experts=32");
  return scenario::read(config::Document::load(TIDELINE_FLAGSHIP, overrides));
}

TEST_CASE("every interval has the fewest units that hold: one less was seen to miss a target") {
  const scenario::Scenario s = morning();
  const Plan p = make_plan(s, {.run_the_day = false});
  REQUIRE(!p.not_within);
  REQUIRE(p.intervals.size() == 3);
  Trials trials(s, 1);
  for (const Interval& i : p.intervals) {
    const auto with = [&](Units units) { return trials.run({i.from, i.rate}, units, 1); };
    CHECK(with(i.units).holds(Phase::kPrefill));
    CHECK(with(i.units).holds(Phase::kDecode));
    if (i.units.decode > 1) CHECK(!with({i.units.prefill, i.units.decode - 1}).holds(Phase::kDecode));
    if (i.units.prefill > 1) CHECK(!with({i.units.prefill - 1, i.units.decode}).holds(Phase::kPrefill));
  }
  // The load of the morning rises, and the units with it.
  CHECK(p.intervals[0].units.decode < p.intervals[2].units.decode);
  CHECK(p.holds_decode >= 1.0);
  CHECK(p.losses.size() == 2);
}

TEST_CASE(
    "units that come to nobody within a trial hold nothing, for all that nobody waited long for an answer") {
  const scenario::Scenario s = morning();
  Trials trials(s, 1);
  const Load twenty_times{Instant{}, 20.0 * make_plan(s, {.run_the_day = false}).intervals[2].rate};
  const Outcome outcome = trials.run(twenty_times, {1, 1}, 1);
  CHECK(!outcome.holds(Phase::kPrefill));
  CHECK(!outcome.holds(Phase::kDecode));
}

TEST_CASE("on any number of threads a plan is the same, of the very same trials") {
  const scenario::Scenario s = morning({"duration=5 h"});
  const auto on = [&](int threads) {
    return report::plan_json(make_plan(s, {.threads = threads, .run_the_day = false}));
  };
  const std::string alone = on(1);
  CHECK(on(2) == alone);
  CHECK(on(3) == alone);
}

TEST_CASE("of sessions too, what a plan says holds was seen to hold") {
  const auto file =
      std::filesystem::path(TIDELINE_FLAGSHIP).replace_filename("deepseek-2025-02-27-sessions.json");
  const scenario::Scenario s = scenario::read(config::Document::load(
      file.string(), {"start=2025-02-28T06:00:00+08:00", "duration=1 h", "fleet.schedule=null",
                      "workload.output_tokens_per_day=2 Gtok", "workload.sessions.history=10 min",
                      "decode.nodes=4", "decode.redundant_experts=32",
                      R"(plan={"targets": {"output_speed": "41 tok/s", "ttft_p99": "8 s"}, "interval": "1 h",
                               "hold": "0 s", "trial_warm_up": "1 min"})"}));
  const Plan p = make_plan(s, {.run_the_day = false});
  REQUIRE(!p.not_within);
  const Interval& i = p.intervals.front();
  CHECK(i.units.decode == 3);
  Trials trials(s, 1);
  const auto decode = [&](std::int64_t units) { return trials.run({i.from}, {i.units.prefill, units}, 1); };
  CHECK(decode(3).holds(Phase::kDecode));
  CHECK(!decode(2).holds(Phase::kDecode));
}

// A trace of equal requests, evenly spaced: so many a second in each of its quarters of an hour.
class Trace {
 public:
  explicit Trace(const std::vector<double>& rates) {
    std::ofstream out(file_);
    out << "arrived_at,num_prefill_tokens,num_decode_tokens\n";
    for (std::size_t quarter = 0; quarter < rates.size(); ++quarter)
      for (double at = 0.0; rates[quarter] > 0.0 && at < 900.0; at += 1.0 / rates[quarter])
        out << fmt::format("{:.6f},10000,400\n", 900.0 * static_cast<double>(quarter) + at);
  }
  ~Trace() { std::filesystem::remove(file_); }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  [[nodiscard]] scenario::Scenario scenario(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> overrides{
        "warm_up=0 s",
        "duration=30 min",
        "workload.classes=null",
        "workload.hourly_profile=null",
        "workload.output_tokens_per_day=null",
        "workload.between_hours=null",
        fmt::format(R"(workload.trace={{"file": "{}", "format": "vidur"}})", file_.string()),
        R"(plan={"targets": {"output_speed": "10 tok/s", "ttft_p99": "8 s"}, "interval": "15 min",
                 "hold": "0 s", "units_max": {"prefill": 4, "decode": 4}, "trial_warm_up": "2 min"})"};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return morning(overrides);
  }

 private:
  std::filesystem::path file_ = testing::scratch("plan.csv");
};

TEST_CASE("of a trace every interval is planned for its own requests, not for those at its beginning") {
  const Trace trace({1.0, 40.0, 0.0, 1.0});
  const Plan p = make_plan(trace.scenario({"duration=1 h"}));
  REQUIRE(!p.not_within);
  REQUIRE(p.intervals.size() == 4);
  CHECK(p.intervals[0].units == Units{1, 1});
  CHECK(p.intervals[1].units.prefill > 1);
  CHECK(p.intervals[2].units == Units{1, 1});  // nobody comes
  CHECK(p.intervals[3].units == Units{1, 1});
  CHECK(p.missed.empty());
  CHECK(p.raised == 0);
}

TEST_CASE("a trace that falls has fewer units as soon as it has fallen") {
  const Trace trace({40.0, 1.0});
  const Plan p = make_plan(trace.scenario());
  REQUIRE(p.intervals.size() == 2);
  CHECK(p.intervals[0].units.prefill > 1);
  CHECK(p.intervals[1].units == Units{1, 1});
  CHECK(p.raised == 0);
}

TEST_CASE("requests a second of a trace's intervals are those that come in them") {
  const Trace trace({4.0, 2.0, 1.0});
  const Plan p = make_plan(trace.scenario({"warm_up=15 min"}), {.run_the_day = false});
  REQUIRE(p.intervals.size() == 2);
  CHECK(p.intervals[0].rate == 2.0);
  CHECK(p.intervals[1].rate == 1.0);
}

TEST_CASE("a plan that is run keeps its targets, or says where it does not") {
  const Plan p = make_plan(morning());
  REQUIRE(p.day);
  CHECK(p.missed.empty());
  for (const auto& hour : p.day->hours) CHECK(hour.service.output_speed_tok_s_user >= 24.0);
}

TEST_CASE(
    "planned for the mean of each hour: the day says where a unit more is needed, and then keeps it all") {
  const Plan highest = make_plan(morning(), {.run_the_day = false});
  const Plan mean = make_plan(morning({"plan.load=mean"}));
  for (std::size_t i = 0; i < mean.intervals.size(); ++i) {
    CHECK(mean.intervals[i].rate < highest.intervals[i].rate);
    CHECK(mean.intervals[i].decode.units <= highest.intervals[i].decode.units);
  }
  REQUIRE(mean.day);
  CHECK(mean.raised > 0);
  CHECK(mean.missed.empty());
  for (const auto& hour : mean.day->hours) CHECK(hour.service.output_speed_tok_s_user >= 24.0);
}

TEST_CASE("an hour that misses has a unit more in the interval it lies in, one whatever it missed") {
  const std::string two_hours = R"(plan.interval="2 h")";
  const auto trials =
      make_plan(morning({"duration=2 h", "plan.load=mean", two_hours}), {.run_the_day = false});
  REQUIRE(trials.intervals.size() == 1);
  // Planned for the mean of both hours, the second has too few; two targets say so.
  const auto p =
      make_plan(morning({"duration=2 h", "plan.load=mean", two_hours, "plan.targets.tpot_p50=42 ms"}));
  CHECK(p.raised > 0);
  CHECK(p.missed.empty());
  CHECK(p.intervals.front().units.decode == trials.intervals.front().units.decode + p.raised);
}

TEST_CASE("units to spare serve beside those that are needed") {
  const Plan needed = make_plan(morning(), {.run_the_day = false});
  const Plan spare =
      make_plan(morning({R"(plan.spare_units={"prefill": 2, "decode": 1})"}), {.run_the_day = false});
  for (std::size_t i = 0; i < needed.intervals.size(); ++i) {
    CHECK(spare.intervals[i].units.prefill == needed.intervals[i].units.prefill + 2);
    CHECK(spare.intervals[i].units.decode == needed.intervals[i].units.decode + 1);
  }
}

TEST_CASE("what is said of a unit less is a trial of the units that serve but one, spare ones too") {
  for (const std::int64_t spare : {0, 1}) {
    const scenario::Scenario s = morning({fmt::format(R"(plan.spare_units={{"decode": {}}})", spare)});
    const Plan p = make_plan(s, {.run_the_day = false});
    Trials trials(s, 1);
    std::size_t seen = 0;
    for (const Step& step : steps(p.intervals)) {
      const Interval& i = p.intervals[step.begin];
      REQUIRE(i.less(Phase::kDecode).has_value() == (i.units.decode > 1));
      if (i.units.decode < 2) continue;
      const auto& [rate, measure] = *i.less(Phase::kDecode);
      const Outcome less = trials.run({i.from, rate}, {i.units.prefill, i.units.decode - 1}, 1);
      CHECK(measure.value == less.nearest(Phase::kDecode)->value);
      CHECK(measure.met() == (spare > 0));
      if (i.rate == rate) ++seen;
      const auto& lost = p.losses.back();
      if (lost.outcome.units == less.units)
        CHECK(lost.outcome.nearest(Phase::kDecode)->value == measure.value);
    }
    CHECK(seen > 0);
  }
}

TEST_CASE("too few units allowed: the answer names what they attain, and which share of the load they hold") {
  const Plan p = make_plan(morning({R"(plan.units_max={"prefill": 20, "decode": 1})"}));
  REQUIRE(p.not_within);
  CHECK(p.not_within->side == Phase::kDecode);
  CHECK(p.not_within->attained.value < 24.0);
  CHECK(p.not_within->load_held > 0.0);
  CHECK(p.not_within->load_held < 1.0);
}

TEST_CASE("a speed that no unit can reach is held for no load") {
  const Plan p = make_plan(morning({R"(plan.targets.output_speed="500 tok/s")"}));
  REQUIRE(p.not_within);
  CHECK(p.not_within->load_held == 0.0);
}

}  // namespace
}  // namespace tideline::plan
