// The switches of an ablation: what each would override in a scenario, or why it is left out.
#pragma once

#include <vector>

#include "sim/config/node.h"
#include "sim/scenario/ablation.h"

namespace tideline::scenario {

// One row a switch, in the order of kSwitches, not measured. REQUIRES: `scenario` was read from `document`.
std::vector<AblationRow> ablation_rows(const Scenario& scenario, const config::Document& document);

}  // namespace tideline::scenario
