// What does a plan say of a unit less?
#include <nlohmann/json.hpp>

#include "sim/report/plan_report.h"
#include "tests/doctest.h"

namespace tideline::report {
namespace {

using scenario::Target;

plan::Measure speed(double value) {
  return {{Target::Metric::kOutputSpeed, "output_speed", 0.0, 20.0}, value};
}

plan::Interval interval(double rate, const plan::Need& decode, std::int64_t units, std::int64_t added = 0) {
  plan::Interval i;
  i.rate = rate;
  i.decode = decode;
  i.units.decode = units;
  i.added.decode = added;
  return i;
}

// Intervals of half an hour. Prefill: one unit throughout.
plan::Plan plan_of(std::vector<plan::Interval> intervals) {
  plan::Plan p;
  p.scenario.planning.emplace();
  p.scenario.window = Duration{static_cast<std::int64_t>(intervals.size()) * kNsPerHour / 2};
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    intervals[i].from = Instant{static_cast<std::int64_t>(i) * kNsPerHour / 2};
    intervals[i].prefill.units = intervals[i].units.prefill = 1;
  }
  p.intervals = std::move(intervals);
  return p;
}

// The staircase alone: its steps, without the head.
std::string steps(const plan::Plan& p) {
  const std::string text = plan_text(p);
  const std::size_t begin = text.find('\n', text.find("requests/s")) + 1;
  return text.substr(begin, text.find("\n\n", begin) + 1 - begin);
}

const plan::Need kTwo{.units = 2, .decides = speed(18.5), .holds_to = 10};
const plan::Need kThree{.units = 3, .decides = speed(19.5), .holds_to = 20};

TEST_CASE("a step says what a unit less would miss, where its load is highest") {
  const plan::Plan p = plan_of({interval(0.25, kTwo, 2), interval(20, kThree, 3)});
  CHECK(steps(p) ==
        "  00:00          0.25        1       2       0   one unit is the least   "
        "output_speed 18.5 tok/s\n"
        "  00:30            20        1       3       0   one unit is the least   "
        "output_speed 19.5 tok/s\n");
}

TEST_CASE("of units that the day added, no trial says what one less would miss") {
  const plan::Plan p = plan_of({interval(10, kTwo, 3, 1)});
  CHECK(steps(p) ==
        "  00:00            10        1       3       0   one unit is the least   "
        "added for the day\n");
  const auto json = nlohmann::json::parse(plan_json(p));
  CHECK(json["intervals"][0]["needs_decode"]["units"] == 2);
  CHECK(json["intervals"][0]["needs_decode"]["added_for_the_day"] == 1);
  CHECK(json["intervals"][0]["needs_prefill"]["added_for_the_day"] == 0);
}

TEST_CASE("an interval that needs all units of its step speaks for it, spare ones set aside") {
  plan::Plan p = plan_of({interval(10, kTwo, 4, 1), interval(8, kThree, 4)});
  p.scenario.planning->spare.decode = 1;
  CHECK(steps(p) ==
        "  00:00            10        1       4       0   one unit is the least   "
        "output_speed 19.5 tok/s\n");
}

TEST_CASE("units that nobody needs, held for a while, say so") {
  CHECK(steps(plan_of({interval(10, kTwo, 3)})) ==
        "  00:00            10        1       3       0   one unit is the least   not given back so soon\n");
}

TEST_CASE("too few units: more are worth allowing, unless it is known that they hold no load at all") {
  plan::Plan p = plan_of({});
  p.not_within = {scenario::Side::kDecode, Instant{}, 4, speed(18.5), {}};
  const auto last_line = [&] {
    const std::string text = plan_text(p);
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  CHECK(last_line() == "  or allow more decode units (plan.units_max.decode)\n");
  CHECK(nlohmann::json::parse(plan_json(p))["not_within"]["share_of_load_held"].is_null());
  p.not_within->load_held = 0.8;
  CHECK(last_line() == "  or allow about 5 decode units (plan.units_max.decode): 4 hold 80 % of that load\n");
  p.not_within->load_held = 0.0;
  CHECK(last_line() == "  more units would not help: an idle one is no better\n");
}

}  // namespace
}  // namespace tideline::report
