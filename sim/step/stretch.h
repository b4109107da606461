// Factors on what the parts of a step take: what a step would be if all kernels of a kind were off together.
#pragma once

#include <array>
#include <cstddef>

#include "sim/step/operations.h"

namespace tideline::step {

struct Stretch {
  std::array<double, 5> kinds{1.0, 1.0, 1.0, 1.0, 1.0};  // by Kind
  double gap = 1.0;                                      // between kernels
  [[nodiscard]] double of(Kind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] static Stretch only(Kind kind, double factor) {
    Stretch s;
    s.kinds[static_cast<std::size_t>(kind)] = factor;
    return s;
  }
};

}  // namespace tideline::step
