// Inside report: a ledger as JSON, columns of whole numbers; finance::read_ledger reads it back.
#pragma once

#include <nlohmann/json.hpp>

#include "sim/finance/ledger.h"

namespace tideline::report {

nlohmann::ordered_json ledger_json(const finance::Ledger& ledger);

}  // namespace tideline::report
