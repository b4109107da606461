// Renders a comparison of layouts: text for a screen, JSON and CSV for programs.
#pragma once

#include <string>

#include "sim/layouts/study.h"

namespace tideline::report {

// `rows`: so many of each phase, the scenario's own always among them; 0: all.
std::string layouts_text(const layouts::Comparison& comparison, std::size_t rows);
std::string layouts_json(const layouts::Comparison& comparison);
std::string layouts_csv(const layouts::Comparison& comparison);

}  // namespace tideline::report
