// Which layouts are looked at: every combination of what "layouts" of a scenario lists for a phase, each read
// as a unit of the scenario with these values in place of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/node.h"
#include "sim/scenario/scenario.h"

namespace tideline::layouts {

// One layout of a phase.
struct Candidate {
  step::Phase phase = step::Phase::kDecode;
  std::string node;  // type
  std::int64_t nodes = 1, redundant_experts = 0, draft_tokens = 0, tokens_per_gpu = 0;
  std::string overlap;
  bool of_scenario = false;            // the one that the scenario itself names
  std::vector<std::string> overrides;  // with which `run` and `plan` have it
  step::Unit unit;
  double gpu_hour_usd = 0;  // lease of one of its GPUs
  std::string refused;      // why it cannot be; empty when it can

  [[nodiscard]] bool same_as(const Candidate& other) const;
  // "18 x h800-8 +32 two_batch_decode MTP": nodes, replicas of experts, overlap.
  [[nodiscard]] std::string name() const;
};

struct Study {
  scenario::Scenario scenario;             // scenario.layouts says what is wanted
  std::vector<Candidate> decode, prefill;  // the scenario's own first
};

// Reads a scenario with its "layouts". Every combination is read as a scenario of its own, so that what is
// refused is refused with the reader's words.
Study read_study(const std::string& file, const std::vector<std::string>& overrides);

}  // namespace tideline::layouts
