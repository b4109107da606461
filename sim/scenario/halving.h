// Where a condition that holds from 0 on ends to hold.
#pragma once

namespace tideline::scenario {

// In [0, most], to a part in 10^12; most where it holds all the way.
template <class Below>
double last(double most, Below below) {
  constexpr int kHalvings = 40;
  double low = 0.0, high = most;
  if (below(high)) return most;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (below(middle) ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace tideline::scenario
