// How many decode steps each answer takes, and by how many tokens it grows in one: drawn from the acceptance
// of its class. Prefill asks when a prompt is computed, so that decode, which has more to do, need not.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/base/random.h"
#include "sim/fleet/fleet.h"
#include "sim/fleet/run_settings.h"
#include "sim/serving/speculation.h"
#include "sim/workload/request_class.h"

namespace tideline::fleet {

class Answers {
 public:
  Answers(const DecodeSettings& decode, const std::vector<workload::RequestClass>& classes,
          const RunSettings& settings);

  // Random words for many answers at once: each counter of (request, tokens that were lost) becomes its
  // block.
  void draw(std::span<PhiloxBlock> counters) const { words_.blocks(counters); }
  // Steps that make the last `tokens` of an answer.
  [[nodiscard]] std::int32_t steps(std::uint8_t request_class, std::int32_t tokens,
                                   const PhiloxBlock& words) const {
    return speculation_[request_class].steps(tokens, words[0]);
  }
  // Mean tokens a step, rounded down to a multiple of 2^-20, so that sums of what a rank holds stay exact:
  // each rate once, which one a class has, and its own.
  [[nodiscard]] const std::vector<double>& rates() const { return rates_; }
  [[nodiscard]] std::uint8_t growth(std::size_t request_class) const { return growth_[request_class]; }
  [[nodiscard]] double rate(std::size_t request_class) const { return rate_[request_class]; }

 private:
  RandomStream words_;
  std::vector<serving::Speculation> speculation_;  // by class
  std::vector<double> rates_;
  std::vector<std::uint8_t> growth_;  // by class
  std::vector<double> rate_;          // by class
};

}  // namespace tideline::fleet
