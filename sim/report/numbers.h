// Numbers as a person reads them.
#pragma once

#include <optional>
#include <string>

#include "sim/scenario/result.h"

namespace tideline::report {

// 1234567.8 -> "1,234,567.8".
std::string grouped(double value, int decimals = 0);
// A value of a headline in its unit, with the digits of the headline: 608e9 of "Gtok" -> "608.0". None: "-".
std::string shown(const scenario::Figure& figure, std::optional<double> value);
// 0.123 -> "12.3 %"; "-" where there is none.
std::string share(std::optional<double> x);
// "cost-profit ratio 545 %, gross margin 84.5 %", or that there is none.
std::string cost_profit_ratio_text(std::optional<double> ratio);
std::string gross_margin_text(std::optional<double> margin);
// "$0.138"; "-" where there is none.
std::string usd_text(std::optional<double> usd);
// 1.234 -> "1.23"; "-" where there is none.
std::string fixed(std::optional<double> value, int decimals, double scale = 1.0);
// As a cell of a CSV file: nothing where there is none.
std::string csv_number(std::optional<double> value);
// "22:00": the local time of a moment of the window (or before it).
std::string local_clock(const scenario::Scenario& scenario, Instant at);
// Of a trace that is over long before the window is, and what to do; else empty.
std::string trace_over_text(const scenario::Scenario& scenario);

}  // namespace tideline::report
