// All that the step times of a unit depend on, as text: the same text, the same times. What surfaces are
// stored under (surface_store.h).
#pragma once

#include <string>

#include "sim/step/unit.h"

namespace tideline::step {

// Every field of the unit and of what it holds that may change a time, and the fitted times on disk.
// A field that is added to any of them stops this from compiling until it is thought of.
std::string content_of(const Unit& unit);
// The same without what is on disk, for as long as the program runs.
std::string fields_of(const Unit& unit);

}  // namespace tideline::step
