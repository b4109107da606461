// The order of a sweep, and what of it fits in a budget.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "calib/profile/point.h"

namespace tideline::profile {

// Points of the families named (when none is, of those that are taken by default), family by family in their
// order, each family's shuffled: a card that heats up or slows down then looks like noise and not like a
// dependence on the shape, and a family that the budget cuts short has points everywhere.
std::vector<Point> plan_sweep(const std::vector<std::string>& families, std::uint64_t seed = 1);

// Says whether the next point fits. Guesses are corrected by how far the points before were off.
class Budget {
 public:
  explicit Budget(double seconds) : seconds_(seconds) {}  // 0: everything fits
  [[nodiscard]] bool fits(double elapsed_s, double guess_s) const;
  // A point that was guessed to take guess_s took actual_s.
  void learn(double guess_s, double actual_s);

 private:
  double seconds_;
  double guessed_ = 5.0, spent_ = 5.0;  // assumed: as good as five seconds of right guesses
};

// The plan as --dry-run prints it, with what falls out of the budget marked.
std::string describe_plan(const std::vector<Point>& plan, double budget_s);
// Families, points and what is absent, as --list prints it.
std::string describe_families();

}  // namespace tideline::profile
