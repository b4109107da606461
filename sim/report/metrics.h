// Numbers of a result by the names they have in its JSON: "summary.ttft_s.p99", "classes.chat.output", or
// "run.requests_preempted". "summary." may be left out.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/result.h"

namespace tideline::report {

// All that a run of the scenario has, without "summary.".
std::vector<std::string> metric_names(const scenario::Scenario& scenario);

class Metrics {
 public:
  explicit Metrics(std::vector<std::string> names);
  // Whether the run has to draw bands for them (scenario::RunOptions).
  [[nodiscard]] bool need_bands() const;
  // In the order of the names; true is 1; not a number where the run has no such number.
  [[nodiscard]] std::vector<double> of(const scenario::Result& result) const;

 private:
  struct Metric {
    std::string section, path;  // path: from there on
  };
  std::vector<Metric> metrics_;
};

}  // namespace tideline::report
