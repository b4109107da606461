#include "calib/profile/schedule.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "calib/profile/families.h"
#include "calib/profile/timing.h"

namespace tideline::profile {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): std::shuffle differs between standard libraries.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::string seconds(double s) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", s);
  return text;
}

std::string column(std::string_view text, std::size_t width) {
  std::string padded(text);
  padded.resize(std::max(padded.size() + 1, width), ' ');
  return padded;
}

}  // namespace

std::vector<Point> plan_sweep(const std::vector<std::string>& families, std::uint64_t seed) {
  std::vector<Point> plan;
  for (const Family& family : kFamilies) {
    const bool named = std::find(families.begin(), families.end(), family.name) != families.end();
    if (families.empty() ? !family.by_default() : !named) continue;
    std::vector<Point> points = family.points();
    for (std::size_t i = points.size(); i > 1; --i) std::swap(points[i - 1], points[next(seed) % i]);
    plan.insert(plan.end(), points.begin(), points.end());
  }
  return plan;
}

bool Budget::fits(double elapsed_s, double guess_s) const {
  return seconds_ <= 0 || elapsed_s + guess_s * spent_ / guessed_ <= seconds_;
}

void Budget::learn(double guess_s, double actual_s) {
  guessed_ += guess_s;
  spent_ += actual_s;
}

std::string describe_plan(const std::vector<Point>& plan, double budget_s) {
  std::string text;
  double total = 0;
  std::size_t inside = plan.size();
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const double guess = guess_seconds(plan[i]);
    if (inside == plan.size() && budget_s > 0 && total + guess > budget_s) {
      inside = i;
      text += "-- the budget of " + seconds(budget_s) + " ends about here\n";
    }
    total += guess;
    text += column(plan[i].family, 17) + column(to_string(plan[i]), 60) + seconds(guess) + "\n";
  }
  text += std::to_string(plan.size()) + " points, about " + seconds(total);
  return text + (budget_s > 0 ? "; " + std::to_string(inside) + " inside the budget\n" : "\n");
}

std::string describe_families() {
  std::string text;
  for (const Family& family : kFamilies) {
    const std::vector<Point> points = family.points();
    double guess = 0;
    for (const Point& point : points) guess += guess_seconds(point);
    text += column(family.name, 17) + std::to_string(points.size()) + " points, about " + seconds(guess) +
            (family.has_run_on_a_gpu ? "" : ", never run on a GPU") +
            (family.by_default() ? "" : ": by --families only") + "\n    " + std::string(family.sentence) +
            "\n";
  }
  text += "\nabsent:\n";
  for (const Absent& absent : kAbsent)
    text += column(absent.name, 26) + std::string(absent.sentence) +
            "\n    instead: " + std::string(absent.stand_in) + "\n";
  return text;
}

}  // namespace tideline::profile
