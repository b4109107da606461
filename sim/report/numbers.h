// Numbers as a person reads them.
#pragma once

#include <string>

#include "sim/scenario/result.h"

namespace tideline::report {

// 1234567.8 -> "1,234,567.8".
std::string grouped(double value, int decimals = 0);
// A value of a headline in its unit, with the digits of the headline: 608e9 of "Gtok" -> "608.0".
std::string shown(const scenario::Figure& figure, double value);
// 0.123 -> "12.3 %".
std::string share(double x);
// "22:00": the local time of a moment of the window (or before it).
std::string local_clock(const scenario::Scenario& scenario, Instant at);
// Of a trace that is over long before the window is, and what to do; else empty.
std::string trace_over_text(const scenario::Scenario& scenario);

}  // namespace tideline::report
