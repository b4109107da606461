#include "calib/profile/timing.h"

#include <algorithm>
#include <cmath>

namespace tideline::profile {
namespace {

constexpr int kLongest = 512;  // launches in a graph

// Launches of one point apart from the two timings: warm-up, the check and the search for an algorithm.
constexpr double kOtherLaunches = 80;
constexpr double kFlushSeconds = 250e-6;       // written and read, 256 MB each
constexpr double kPreparationSeconds = 25e-3;  // assumed: heuristics, capture, instantiation, the check

}  // namespace

ColdPlan cold_plan(double guess_us) {
  if (guess_us > 20e3) return {5, 8, 0};
  if (guess_us > 2e3) return {8, 16, 0};
  return {24, 96, 30e3};
}

SlopePlan slope_plan(double guess_us) {
  const double us = std::max(guess_us, 1.0);
  if (us > 20e3) return {1, 2, 3};
  if (us > 1e3) return {1, 4, 5};
  const int launches = std::clamp(static_cast<int>(3e3 / us), 12, kLongest);
  return {4, launches, 11};
}

int operand_sets(double bytes, double l2_bytes, double memory_bytes) {
  const double wanted = std::ceil(3 * l2_bytes / std::max(bytes, 1.0));
  const double room = std::floor(memory_bytes / std::max(bytes, 1.0));
  return static_cast<int>(std::clamp(std::min(wanted, room), 1.0, static_cast<double>(kLongest)));
}

double guess_us(const Point& point) {
  const bool fp8 = point.op == "dense_gemm" || point.op == "grouped_gemm";
  const double flop_s = fp8 ? 1000e12 : 500e12;
  const bool over_pcie = point.op == "copy_h2d" || point.op == "copy_d2h";
  const double bytes_s = over_pcie ? 40e9 : 2.5e12;
  const double sms_share = point.sms > 0 ? point.sms / 132.0 : 1.0;
  return std::max({4e-6, point.flop / (flop_s * sms_share), point.bytes / bytes_s}) * 1e6;
}

double guess_seconds(const Point& point) {
  if (point.seconds_fixed > 0) return point.seconds_fixed;
  const double us = guess_us(point);
  const ColdPlan cold = cold_plan(us);
  const SlopePlan slope = slope_plan(us);
  const double samples = std::clamp(cold.time_us_min / us, static_cast<double>(cold.samples_min),
                                    static_cast<double>(cold.samples_max));
  const double launches = samples + slope.repeats * (slope.launches_short + slope.launches_long) +
                          std::min(kOtherLaunches, 200e3 / us + 8);
  return kPreparationSeconds + launches * us * 1e-6 + (samples + 2 * slope.repeats + 40) * kFlushSeconds;
}

}  // namespace tideline::profile
