// Renders an ablation: text for a screen, JSON for programs. Both read the same struct.
#pragma once

#include <string>

#include "sim/scenario/ablation.h"

namespace tideline::report {

// A table a load, the notes, and where overlap begins to pay.
std::string ablation_text(const scenario::Ablation& ablation);
std::string ablation_json(const scenario::Ablation& ablation);

}  // namespace tideline::report
