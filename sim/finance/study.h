// What `tideline finance` reads and answers: the ledger of a run or of published totals, the terms, and cases
// that change either.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/config/start.h"
#include "sim/finance/case.h"
#include "sim/finance/monte_carlo.h"
#include "sim/finance/sobol.h"
#include "sim/finance/tornado.h"

namespace tideline::finance {

struct Study {
  std::string question;
  config::Start start;
  std::string time_zone;
  std::string published_source;
  std::vector<Case> cases;  // the first is the file as it stands
  std::string effective;    // canonical text, defaults written back
  std::string standalone;   // the same with the names of files made absolute
  [[nodiscard]] const Case& base() const { return cases.front(); }
};

// A result.json of `run`, whose "scenario" has the money, or a file of its own:
//   {"question", "start", "time_zone", "volumes": {...} (volumes.h), "money": {...} (terms.h),
//    "cases": [{"name": "...", "set": ["money.price_book=..."], "published": {"gross_margin": 0.845}}]}
// `overrides` are those of the file itself; in a result, "money." leads to that of its scenario.
// Fails: throws InputError with every mistake.
Study read_study(const std::string& file, const std::vector<std::string>& overrides);
// Books of volumes as they stand, without their cases.
Study read_books(const config::Document& document);

// What the terms' uncertainty does to the first case.
struct Sensitivity {
  std::vector<Swing> tornado;
  std::vector<SobolIndex> sobol;  // of profit, one a range
  Bands bands;
};
// Nothing where "money" has no "uncertainty", and of a saturated run.
std::optional<Sensitivity> sensitivity(const Case& of, int threads = 1);

}  // namespace tideline::finance
