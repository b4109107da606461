// doctest for tests of headers that use our own CHECK: both call a macro by that name. Include it after the
// headers of sim/; from there on CHECK is doctest's. Tests of other headers include <doctest/doctest.h>.
#pragma once

#include "sim/base/check.h"

#undef CHECK
#include <doctest/doctest.h>

namespace tideline::testing {

// As far from `x` as that share of it. doctest's Approx alone adds 1 to what its epsilon is taken of:
// anything in seconds would pass. What is left of the 1 is for 0, which is about 0.
inline doctest::Approx about(double x, double share = 1e-5) {
  return doctest::Approx(x).epsilon(share).scale(1e-290);
}

}  // namespace tideline::testing
