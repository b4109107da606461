// Renders the life of a request: text for a screen, JSON for programs. Both read the same struct.
#pragma once

#include <string>

#include "sim/scenario/explain.h"

namespace tideline::report {

// A line for everything that happened, with what was seen; then where the time went. REQUIRES: nothing() is
// empty.
std::string explain_text(const scenario::Explanation& explanation);
std::string explain_json(const scenario::Explanation& explanation);

}  // namespace tideline::report
