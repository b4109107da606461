#include "calib/profile/schedule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "calib/profile/families.h"
#include "calib/profile/record.h"
#include "calib/profile/sweep.h"
#include "calib/profile/timing.h"

using namespace tideline::profile;

TEST_CASE("Overheads and ceilings come first, what lends SMs last") {
  const std::vector<Point> plan = plan_sweep({});
  CHECK(plan.front().family == "launch");
  CHECK(plan.back().family == "dense_gemm_lent");
  std::vector<std::string> order;
  for (const Point& p : plan)
    if (order.empty() || order.back() != p.family) order.push_back(p.family);
  std::vector<std::string> wanted;
  for (const Family& family : kFamilies)
    if (family.by_default()) wanted.emplace_back(family.name);
  CHECK(order == wanted);
}

TEST_CASE("Kernels of our own that never ran on a GPU are taken by name only") {
  const Family& layer = *find_family("layer");
  REQUIRE(layer.own_kernels);
  CHECK(layer.by_default() == layer.has_run_on_a_gpu);
  CHECK(find_family("dense_gemm")->by_default());
  const auto layers = [](const std::vector<Point>& plan) {
    return std::ranges::count(plan, "layer", &Point::family);
  };
  CHECK(layers(plan_sweep({})) == (layer.has_run_on_a_gpu ? layers(layer_points()) : 0));
  CHECK(plan_sweep({"layer"}).size() == layer_points().size());
}

TEST_CASE("A family's points are shuffled, the same way each time, and none is lost") {
  std::vector<Point> shuffled = plan_sweep({"dense_gemm"}), listed = dense_gemm_points();
  REQUIRE(shuffled.size() == listed.size());
  const auto names = [](const std::vector<Point>& points) {
    std::vector<std::string> all;
    for (const Point& p : points) all.push_back(to_string(p));
    return all;
  };
  CHECK(names(shuffled) != names(listed));
  CHECK(names(shuffled) == names(plan_sweep({"dense_gemm"})));
  CHECK(std::ranges::is_permutation(names(shuffled), names(listed)));
}

TEST_CASE("No two points of a sweep have one key") {
  RunFacts run;
  run.device.uuid_hash = "0";
  std::set<std::string> keys;
  for (const Point& p : plan_sweep({})) CHECK(keys.insert(key_of(run, p, "cold")).second);
}

TEST_CASE("A product's work is 2 m n k, and its bytes count each operand, scale and result once") {
  const Point p = dense_gemm(16, 2112, 7168);
  CHECK(p.flop == 2.0 * 16 * 2112 * 7168);
  CHECK(p.bytes == 16 * 7168 + 2112 * 7168 + 2 * 16 * 2112 + 4 * (16 * 56 + 17 * 56));
}

TEST_CASE("Shapes keep what cuBLASLt asks of FP8: 16-byte strides, tokens in fours") {
  for (const Point& p : plan_sweep({"dense_gemm", "dense_gemm_lent", "grouped_gemm"})) {
    CHECK(p.at("k") % 16 == 0);
    CHECK(p.at("n") % 8 == 0);
    CHECK((p.has("m") ? p.at("m") : p.at("rows") / p.at("groups")) % 4 == 0);
  }
}

TEST_CASE("A budget stops before a point that would not fit, and learns from wrong guesses") {
  Budget budget(100);
  CHECK(budget.fits(90, 9));
  CHECK_FALSE(budget.fits(90, 11));
  for (int i = 0; i < 100; ++i) budget.learn(1, 2);  // everything takes twice as long
  CHECK_FALSE(budget.fits(90, 9));
  CHECK(budget.fits(90, 5));
  CHECK(Budget(0).fits(1e9, 1e9));
}

TEST_CASE("The whole sweep is guessed to fit ten minutes twice over") {
  double guess = 0;
  for (const Point& p : plan_sweep({})) guess += guess_seconds(p);
  CHECK(guess < 300);
  CHECK(guess > 30);
}

TEST_CASE("Long kernels are run a few times, short ones often, and never for long") {
  for (const double us : {1.0, 5.0, 50.0, 500.0, 1999.0, 5e3, 5e4}) {
    const SlopePlan s = slope_plan(us);
    CHECK(s.launches_long > s.launches_short);
    CHECK(s.repeats * (s.launches_short + s.launches_long) * us < 500e3);
    const ColdPlan c = cold_plan(us);
    CHECK(c.samples_min <= c.samples_max);
    CHECK(c.samples_min >= 5);
  }
  CHECK(slope_plan(5).launches_long == 512);
}

TEST_CASE("Operands rotate past three times the L2 cache, within the memory and the longest graph") {
  CHECK(operand_sets(1e6, 50e6, 1e12) == 150);
  CHECK(operand_sets(1e3, 50e6, 1e12) == 512);
  CHECK(operand_sets(1e9, 50e6, 1e12) == 1);
  CHECK(operand_sets(20e6, 50e6, 70e6) == 3);
  CHECK(operand_sets(0, 50e6, 1e12) == 512);
}

TEST_CASE("The list says of every family whether it has run, and names what is absent") {
  const std::string text = describe_families();
  for (const Family& family : kFamilies) CHECK(text.find(family.name) != std::string::npos);
  for (const Absent& absent : kAbsent) CHECK(text.find(absent.stand_in) != std::string::npos);
}

TEST_CASE("The plan marks where a budget ends") {
  const std::string text = describe_plan(plan_sweep({"dense_gemm"}), 1.0);
  CHECK(text.find("-- the budget of 1.00 s ends about here\n") != std::string::npos);
  CHECK(describe_plan(plan_sweep({"copy"}), 0).find("budget") == std::string::npos);
}
