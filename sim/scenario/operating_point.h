// Where the units of a run stood on average: how many requests on a decode GPU with how much cache, how many
// prompt tokens on a GPU of a prefill pass; and the closed composition of a step and a pass there.
#pragma once

#include <optional>

#include "sim/scenario/mean_request.h"
#include "sim/scenario/result.h"
#include "sim/step/step_model.h"

namespace tideline::scenario {

class OperatingPoint {
 public:
  // REQUIRES: steps and passes in the window.
  explicit OperatingPoint(const Result& result);

  // Units with `host` for their host work, where it is given.
  [[nodiscard]] step::StepModel decode_model(const kernels::KernelModel& kernels,
                                             const step::Stretch& stretch = {},
                                             std::optional<Seconds> host = {}) const;
  [[nodiscard]] step::StepModel prefill_model(const kernels::KernelModel& kernels,
                                              const step::Stretch& stretch = {},
                                              std::optional<Seconds> host = {}) const;
  // `mean` requests, or prompt tokens, on a GPU, and as many on the busiest as the run's steps and passes
  // show: the more by the root of the mean in decode, whose ranks are filled by chance; in prefill what its
  // longest prompts bring, whatever the mean.
  [[nodiscard]] step::DecodeLoad decode_load(double mean) const;
  [[nodiscard]] step::PrefillLoad prefill_load(double mean) const;
  [[nodiscard]] double requests() const { return requests_; }          // of the run, on a GPU
  [[nodiscard]] double tokens() const { return tokens_; }              // in a pass, on a GPU
  [[nodiscard]] double requests_max() const { return requests_max_; }  // that the memory of a GPU holds
  [[nodiscard]] double tokens_max() const { return tokens_max_; }      // in a pass whose budgets are full
  [[nodiscard]] const MeanRequest& mean() const { return mean_; }

 private:
  step::Unit prefill_, decode_;
  MeanRequest mean_;
  double requests_, tokens_, requests_max_, tokens_max_;
  double root_more_ = 0.0, tokens_busiest_ = 0.0;
};

}  // namespace tideline::scenario
