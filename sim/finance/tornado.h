// Sensitivities one at a time: profit with each driver at the ends of its range, all else as it stands, the
// widest swing first.
#pragma once

#include <vector>

#include "sim/finance/drivers.h"

namespace tideline::finance {

struct Swing {
  Range range;
  std::size_t number = 0;  // of that range, in the order of the uncertainty
  double base = 0;  // value of the driver where the statement stands
  Outcome low, high;
  [[nodiscard]] double width_usd() const;
};

// Equal swings stand in the order of kLevers.
std::vector<Swing> tornado(const Drivers& drivers, const std::vector<Range>& ranges);

}  // namespace tideline::finance
