// Terms on a ledger, and every figure that follows: the one list that text, JSON, CSV and the workbook show.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/finance/break_even.h"
#include "sim/finance/statement.h"

namespace tideline::finance {

// How far a figure may be off because published totals are rounded.
struct Rounding {
  double low = 0, high = 0;
};

struct Case {
  std::string name;
  std::vector<std::string> set{};             // overrides, as of --set
  std::map<std::string, double> published{};  // by key of kFigures
  Terms terms{};
  Ledger ledger{};
  Statement statement{};
  BreakEven break_even{};
  std::map<std::string, Rounding> rounding{};  // by key of kFigures; none where totals are exact
};

// A figure of a case, under the name that it has in JSON, CSV, the workbook and "published".
struct Figure {
  std::string_view key, label, unit;
  int decimals;
  std::optional<double> (*of)(const Case&);
};
extern const std::array<Figure, 17> kFigures;

// Fills in what follows from the terms and the ledger.
void settle(Case& c);

}  // namespace tideline::finance
