// doctest for tests of headers that use our own CHECK: both call a macro by that name. Include it after the
// headers of sim/; from there on CHECK is doctest's. Tests of other headers include <doctest/doctest.h>.
#pragma once

#include "sim/base/check.h"

#undef CHECK
#include <doctest/doctest.h>
