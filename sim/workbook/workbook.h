// What finance answers as a spreadsheet (XLSX) whose formulas are alive: edit a price, a paid share, the rate
// of a node or the tokens of an hour, and profit and loss, the figures and break-even follow.
//
//   Assumptions   rates of a node, prices by class, model and window: the cells to edit
//   Volumes       tokens by hour and price row, and what they earn
//   P&L by hour   revenue by meter, node-hours and their cost, profit and both ratios
//   Cases         every figure of every case, and the first case's as the workbook has it
//   Break-even    what would bring profit to nothing
//
// Every formula carries the value that Tideline computed. Error: cells are doubles, not whole micro-dollars;
// a sum is off by less than a thousandth of a dollar.
#pragma once

#include <string>

#include "sim/finance/study.h"

namespace tideline::workbook {

// The same bytes for the same study. Fails: throws InputError where the file cannot be written.
void write(const std::string& file, const finance::Study& study);

}  // namespace tideline::workbook
