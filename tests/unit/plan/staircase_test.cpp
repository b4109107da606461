#include "sim/plan/staircase.h"

#include "tests/doctest.h"

namespace tideline::plan {
namespace {

using Counts = std::vector<std::int64_t>;
constexpr Duration kHour{kNsPerHour}, kWarmUp{kNsPerHour / 2};

TEST_CASE("a dip shorter than a unit is held for is filled up, a longer one is not") {
  CHECK(held({5, 3, 5, 5, 3, 3, 5}, 2, false) == Counts{5, 5, 5, 5, 3, 3, 5});
  CHECK(held({5, 3, 5, 5, 3, 3, 5}, 3, false) == Counts{5, 5, 5, 5, 5, 5, 5});
  CHECK(held({5, 3, 5}, 1, false) == Counts{5, 3, 5});
}

TEST_CASE("no step is higher for being held, and a peak stays as short as it was") {
  CHECK(held({2, 2, 7, 2, 2}, 2, false) == Counts{2, 2, 7, 2, 2});
}

TEST_CASE("a day goes round: a dip over midnight is one dip") {
  CHECK(held({2, 5, 5, 5}, 2, true) == Counts{5, 5, 5, 5});
  CHECK(held({2, 5, 5, 2}, 2, true) == Counts{2, 5, 5, 2});
  CHECK(held({2, 5, 5, 2}, 3, true) == Counts{5, 5, 5, 5});
}

// Units that the schedule has at hours of the day.
Units at(const std::vector<fleet::ScheduleStep>& steps, double hour) {
  Units units;
  for (const fleet::ScheduleStep& s : steps)
    if (static_cast<double>(s.from.ns) <= hour * static_cast<double>(kNsPerHour))
      units = {s.prefill_units, s.decode_units};
  return units;
}

TEST_CASE("more units are ordered as long before they serve as they take to start; fewer leave on time") {
  std::vector<Units> day(24, Units{4, 2});
  day[10] = {6, 3};
  const auto steps = schedule(day, kHour, kWarmUp, {kNsPerHour / 4}, {kNsPerHour / 2});
  CHECK(at(steps, 9.4) == Units{4, 2});
  CHECK(at(steps, 9.6) == Units{4, 3});
  CHECK(at(steps, 9.8) == Units{6, 3});
  CHECK(at(steps, 10.9) == Units{6, 3});
  CHECK(at(steps, 11.0) == Units{4, 2});
}

TEST_CASE("what is ordered before midnight of the next day is ordered in this one") {
  std::vector<Units> day(24, Units{4, 2});
  day[0] = {5, 2};
  const auto steps = schedule(day, kHour, kWarmUp, {kNsPerHour / 2}, {});
  CHECK(at(steps, -0.4) == Units{5, 2});
  CHECK(at(steps, 1.0) == Units{4, 2});
  CHECK(at(steps, 23.4) == Units{4, 2});
  CHECK(at(steps, 23.6) == Units{5, 2});
}

TEST_CASE("a unit that takes longer to start than it would be gone does not leave") {
  std::vector<Units> day(24, Units{4, 2});
  day[10] = {3, 2};
  const auto steps = schedule(day, kHour, kWarmUp, {2 * kNsPerHour}, {});
  CHECK(at(steps, 9.5) == Units{4, 2});
  CHECK(at(steps, 10.5) == Units{4, 2});
}

TEST_CASE("a window of less than a day begins with its own units, and so does its warm-up") {
  for (const std::vector<Units>& hours : {std::vector<Units>{{2, 1}, {4, 3}}, {{4, 3}, {2, 1}}}) {
    const auto steps = schedule(hours, kHour, kWarmUp, {kNsPerHour / 4}, {});
    CHECK(at(steps, -0.5) == hours[0]);
    CHECK(at(steps, 0.0) == hours[0]);
    CHECK(at(steps, 1.5) == hours[1]);
    CHECK(at(steps, 12.0) == hours[1]);  // after the window, of its last requests
    CHECK(at(steps, 23.4) == hours[1]);
    CHECK(at(steps, 23.5) == hours[0]);  // the warm-up of the next day
    CHECK(at(steps, 25.5) == hours[1]);
  }
}

TEST_CASE("where the warm-up begins before the day before is over, the units of that serve to its end") {
  std::vector<Units> hours(23, Units{2, 1});
  hours[0] = {4, 3};
  const auto steps = schedule(hours, kHour, {2 * kNsPerHour}, {3 * kNsPerHour}, {});
  CHECK(at(steps, -2.0) == Units{2, 1});
  CHECK(at(steps, -1.0) == Units{4, 3});
  CHECK(at(steps, 22.9) == Units{2, 1});
}

TEST_CASE("units are ordered at whole minutes, in time") {
  std::vector<Units> day(24, Units{4, 2});
  day[10] = {6, 2};
  const auto steps = schedule(day, kHour, kWarmUp, {90 * kNsPerSecond}, {});
  CHECK(at(steps, 10.0 - 2.1 / 60) == Units{4, 2});
  CHECK(at(steps, 10.0 - 2.0 / 60) == Units{6, 2});
  for (const fleet::ScheduleStep& s : steps) CHECK(s.from.ns % (60 * kNsPerSecond) == 0);
}

}  // namespace
}  // namespace tideline::plan
