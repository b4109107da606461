// Renders a simulated step: text for a screen, JSON for programs, a Chrome trace for ui.perfetto.dev.
#pragma once

#include <string>

#include "sim/scenario/step_scenario.h"

namespace tideline::report {

// Time by operation, what is exposed and what is hidden, kernels with roofline and provenance, and a timeline
// of one layer on GPU 0 where the spans were kept.
std::string step_text(const scenario::StepResult& result);
std::string step_json(const scenario::StepResult& result);
// Of a step that does not fit: `why`, in words.
std::string unfit_step_json(const scenario::StepScenario& scenario, const std::string& why);
// A process a GPU and a thread a stream, for the first `gpus` of them. REQUIRES: spans kept.
std::string chrome_trace(const scenario::StepResult& result, int gpus);

}  // namespace tideline::report
