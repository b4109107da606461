// Small things that several results have in their JSON. Inside report.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "sim/finance/statement.h"

namespace tideline::report {

template <class T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

// By meter.
nlohmann::ordered_json tokens_json(const metrics::TokenCounts& tokens);
nlohmann::ordered_json revenue_json(const finance::Revenue& revenue);

}  // namespace tideline::report
