// How long the steps and passes of a fleet's units take: what the fleet asks once a step. Surfaces answer it
// (surface_times.h); a test answers it by simulating each step.
#pragma once

#include <cstdint>
#include <span>

#include "sim/base/units.h"

namespace tideline::step {

// Which step of which unit: what is drawn for it depends on nothing else.
struct StepId {
  std::uint64_t unit = 0, step = 0;
};

// What stands on each rank of a decode unit. Shapes: one entry a GPU.
struct DecodeRanks {
  std::span<const double> requests;
  std::span<const double> kv_tokens;  // cached tokens of all its requests
  double requests_all = 0;
};

// What each GPU of a prefill unit computes in a pass. Shapes: one entry a GPU.
struct PrefillRanks {
  std::span<const double> tokens;   // prompt tokens computed
  std::span<const double> pairs;    // query-key pairs attended to
  std::span<const double> context;  // tokens whose keys are needed: computed and cached
};

// The work of prefill kernels in query-key pairs, with which balancers and budgets weigh prompts.
struct PrefillWeights {
  double pairs_per_token = 0;    // that take as long as computing one more token
  double pairs_per_context = 0;  // as the keys of one more token of context
  [[nodiscard]] double work(double tokens, double pairs, double context) const {
    return pairs + pairs_per_token * tokens + pairs_per_context * context;
  }
};

class StepTimes {
 public:
  virtual ~StepTimes() = default;
  [[nodiscard]] virtual Seconds decode_step(const DecodeRanks& ranks, StepId id) = 0;
  [[nodiscard]] virtual Seconds prefill_pass(const PrefillRanks& ranks, StepId id) = 0;
  [[nodiscard]] virtual PrefillWeights prefill_weights() const = 0;
};

}  // namespace tideline::step
