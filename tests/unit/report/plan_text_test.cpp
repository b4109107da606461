// What does a plan say of a unit less?
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/report/plan_report.h"
#include "tests/doctest.h"

namespace tideline::report {
namespace {

using scenario::Target;

plan::Measure speed(double value) {
  return {{Target::Metric::kOutputSpeed, "output_speed", 0.0, 20.0}, value};
}

// `less`: what decode gives with a unit less, of the interval that begins a step.
plan::Interval interval(double rate, std::int64_t needs, std::int64_t units, std::optional<double> less = {},
                        std::int64_t added = 0) {
  plan::Interval i;
  i.rate = rate;
  i.decode.units = needs;
  i.units.decode = units;
  i.added.decode = added;
  if (less) i.decode_less = {rate, speed(*less)};
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

// Of decode, in the one step there is.
std::string unit_less(const plan::Plan& p) {
  const std::string text = steps(p);
  return text.substr(text.find("   one unit is the least   ") + 27);
}

TEST_CASE("a step says what a unit less than serve gives under its highest load") {
  const plan::Plan p = plan_of({interval(0.25, 2, 2, 18.5), interval(20, 3, 3, 19.5), interval(18, 3, 3)});
  CHECK(steps(p) ==
        "  00:00          0.25        1       2       0   one unit is the least   "
        "output_speed 18.5 tok/s\n"
        "  00:30            20        1       3       0   one unit is the least   "
        "output_speed 19.5 tok/s\n");
}

TEST_CASE("where a unit less keeps every target, a step says why that unit serves") {
  CHECK(unit_less(plan_of({interval(10, 2, 3, 21.0, 1)})) ==
        "output_speed 21.0 tok/s, kept; added for the day\n");
  CHECK(unit_less(plan_of({interval(10, 2, 3, 21.0)})) ==
        "output_speed 21.0 tok/s, kept; not given back so soon\n");
  plan::Plan p = plan_of({interval(10, 2, 3, 21.0)});
  p.scenario.planning->spare.decode = 1;
  CHECK(unit_less(p) == "output_speed 21.0 tok/s, kept; a spare one\n");
}

TEST_CASE("where most would not be answered there is no number, and where nobody comes neither") {
  CHECK(unit_less(plan_of({interval(10, 2, 2, 0.0)})) == "output_speed: most are not answered\n");
  CHECK(unit_less(plan_of({interval(0, 1, 2)})) == "nobody comes\n");
}

TEST_CASE("JSON has the load beside what a unit less gives") {
  plan::Interval i = interval(10, 2, 3, 21.0, 1);
  i.decode.decides = speed(18.5), i.decode.fails_at = 9.0;
  const auto json = nlohmann::json::parse(plan_json(plan_of({i})))["intervals"][0];
  CHECK(json["needs_decode"]["units"] == 2);
  CHECK(json["needs_decode"]["added_for_the_day"] == 1);
  CHECK(json["needs_prefill"]["added_for_the_day"] == 0);
  CHECK(json["needs_decode"]["with_one_less"]["value"] == 18.5);
  CHECK(json["needs_decode"]["with_one_less"]["at_requests_per_s"] == 9.0);
  CHECK(json["serving_one_less"]["decode"]["value"] == 21.0);
  CHECK(json["serving_one_less"]["decode"]["at_requests_per_s"] == 10.0);
  CHECK_FALSE(json["serving_one_less"].contains("prefill"));
}

TEST_CASE("units that leave most unanswered give no number to accept") {
  plan::Plan p = plan_of({});
  p.not_within = {Phase::kDecode, Instant{}, 4, speed(0.0), 0.5};
  const std::string text = plan_text(p);
  CHECK(text.substr(text.find("infeasible")) ==
        "infeasible: 4 decode units are allowed, and at 00:00 they leave most requests unanswered, where "
        "output_speed 20.0 tok/s is wanted\n"
        "  allow about 8 decode units (plan.units_max.decode): 4 hold 50 % of that load\n");
  CHECK(nlohmann::json::parse(plan_json(p))["not_within"]["attained"]["value"].is_null());
  p.not_within->attained = speed(3.6);
  CHECK(plan_text(p).find("  accept output_speed 3.6 tok/s instead of 20.0 tok/s\n  or allow about 8 ") !=
        std::string::npos);
}

TEST_CASE("too few units: more are worth allowing, unless it is known that they hold no load at all") {
  plan::Plan p = plan_of({});
  p.not_within = {Phase::kDecode, Instant{}, 4, speed(18.5), {}};
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
