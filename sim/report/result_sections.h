// Single parts of the JSON of a result, for who wants a few numbers of many results. Inside report.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "sim/report/report.h"
#include "sim/scenario/result.h"

namespace tideline::report {

// Those whose numbers have names that are the same in every run of a scenario.
inline constexpr std::array<std::string_view, 4> kMetricSections = {"summary", "bands", "classes", "run"};

// As json() writes it. REQUIRES: one of kMetricSections.
nlohmann::ordered_json result_section(const scenario::Result& result, std::string_view name);

// What was published, and where, as a scenario has it.
nlohmann::ordered_json published_json(const PublishedFigures& published, const std::string& source);
// Its value; counts stay whole numbers, and none is null.
nlohmann::ordered_json figure_json(const scenario::Figure& figure);

}  // namespace tideline::report
