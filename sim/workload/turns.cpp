#include "sim/workload/turns.h"

#include <algorithm>
#include <functional>

namespace tideline::workload {

std::vector<double> read_turn_survivors(const config::Node& node) {
  constexpr double kNone = 1e-6;
  std::vector<double> survivors = node.numbers("turn_survivors");
  const double ratio = node.fraction("turn_tail_ratio", 0.0);
  if (survivors.empty() || survivors.front() != 1.0) {
    node.problem("turn_survivors", "turn survivors start with 1: every conversation has a first turn");
    return {1.0};
  }
  if (!std::ranges::is_sorted(survivors, std::greater<>{}) || survivors.back() < 0.0) {
    node.problem("turn_survivors", "turn survivors fall from 1: who reaches a turn has had the one before");
    return {1.0};
  }
  while (survivors.size() < kTurnsMax && survivors.back() > kNone)
    survivors.push_back(survivors.back() * ratio);
  while (survivors.back() <= 0.0) survivors.pop_back();
  return survivors;
}

}  // namespace tideline::workload
