// The rows of a store as one SQLite database, sorted by point, that is the same bytes however the points were
// shared out.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/sweep/run.h"

namespace tideline::sweep {

struct Count {
  Tally tally;
  // Of the failed: how many with the same message, and one of them.
  struct Failure {
    std::uint64_t points = 0, example = 0;
    int code = 0;
  };
  std::map<std::string, Failure> failures;
  std::uint64_t others = 0;  // rows that are of no point: an earlier form of the study, or another program
};

// Where every point of the study stands. Cost: some 5 us a point.
Count count(const Study& study, const Identity& identity, const Store& store);

// Tables: `points`, a row a point with its key, status (done, failed, missing), code, message, inputs, seed,
// replication and metrics; `columns`, what each of them is; `study`; and the view `configurations`, which has
// mean and standard deviation over seeds and replications. REQUIRES: `file` is empty or not there.
Count merge(const Study& study, const Identity& identity, const Store& store, const std::string& file);

}  // namespace tideline::sweep
