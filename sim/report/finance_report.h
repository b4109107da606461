// Renders what finance answers, of one struct: text for a screen, JSON and CSV for programs. The workbook is
// sim/workbook.
#pragma once

#include <optional>
#include <string>

#include "sim/finance/study.h"

namespace tideline::report {

struct FinanceAnswer {
  finance::Study study;
  std::optional<finance::Sensitivity> sensitivity;  // of the first case
};

// One screen: the cases side by side, the first one's profit and loss, break-even, sensitivities, bands.
std::string finance_text(const FinanceAnswer& answer);
std::string finance_json(const FinanceAnswer& answer);
// "case,key,value,published" lines.
std::string finance_cases_csv(const FinanceAnswer& answer);
// Profit and loss of the first case, one line an hour.
std::string finance_hours_csv(const FinanceAnswer& answer);
// What the first case's nodes cost in the columns of FOCUS 1.0 (FinOps Open Cost and Usage Specification):
// one line an hour, stage and state; a credit for what freed nodes are worth.
std::string focus_csv(const FinanceAnswer& answer);

}  // namespace tideline::report
