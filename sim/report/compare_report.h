// Two results beside one another: which inputs differ, what came of each, and how much of the change in
// profit came of what.
#pragma once

#include <string>

#include "sim/finance/bridge.h"
#include "sim/finance/study.h"

namespace tideline::report {

// A file as finance read it, and its text: of a run, what was asked and everything that came of it.
struct Side {
  std::string file, text;
  finance::Study study;
};

std::string compare_text(const Side& a, const Side& b);
std::string compare_json(const Side& a, const Side& b);
// "part,key,a,b,change": inputs, figures, and the bridge, whose effects stand under "change".
std::string compare_csv(const Side& a, const Side& b);

}  // namespace tideline::report
