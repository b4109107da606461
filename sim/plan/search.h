// The fewest units of a side that hold the targets, load by load, each answer by simulation: what it says
// holds was seen to hold, and one unit less was seen to fail.
//
// 1. More units never serve a load worse, and less load is never served worse: a steady load's trial answers
//    for all lesser loads with as many units, so that a day of 48 loads takes some 40 trials a side.
// 2. Sessions and traces differ from hour to hour: nothing is concluded from one load to another.
// 3. What lies below a load that is solved, and what lies above it, are searched side by side: neither learns
//    from the other's trials, and the trials are the same on any number of threads.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <vector>

#include "sim/plan/trial.h"

namespace tideline::plan {

// What one load needs of one side.
struct Need {
  std::int64_t units = 0;  // 0: more than are allowed
  Measure decides;      // what fails with one unit less, or with all that are allowed; of one unit: nothing
  double fails_at = 0;  // the load under which that was seen: this one's, or a lesser one
  double holds_to = 0;  // a load that these units were seen to hold: at least this one's
};

class Search {
 public:
  using Progress = std::function<void(Phase side, std::size_t done, std::size_t loads)>;
  // `other`: units of the other side, for each load.
  Search(Trials& trials, Phase side, std::int64_t units_max, std::vector<Load> loads,
         std::vector<std::int64_t> other);
  std::vector<Need> run(const Progress& progress);

 private:
  // What is known of so many units: rates, of which there is none at first.
  struct Seen {
    double holds_to = -1.0, fails_from = std::numeric_limits<double>::infinity();
    Measure missed;  // at fails_from
  };
  using Known = std::map<std::int64_t, Seen>;

  // `threads`: of each trial.
  void between(std::size_t low, std::size_t high, Known known, int threads);
  void solve(std::size_t load, std::int64_t guess, Known& known, int threads);
  bool holds(std::size_t load, std::int64_t units, Known& known, int threads);
  [[nodiscard]] Need need(std::size_t load, std::int64_t units, const Known& known) const;

  Trials& trials_;
  Phase side_;
  std::int64_t units_max_;
  std::vector<Load> loads_;
  std::vector<std::int64_t> other_;
  std::vector<std::size_t> order_;  // of loads: the least first where they are steady, or as they come
  std::vector<Need> needs_;
  std::mutex guard_;  // of the two below
  std::size_t done_ = 0;
  Progress progress_;
};

}  // namespace tideline::plan
