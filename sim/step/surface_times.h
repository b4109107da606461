// Step times of a fleet read from surfaces, each step with its own luck of the draw.
#pragma once

#include <cstdint>

#include "sim/base/random.h"
#include "sim/step/step_times.h"
#include "sim/step/surface.h"

namespace tideline::step {

// 1. The busiest rank sets the pace: the most requests, and the most cached tokens, of any rank of a decode
//    unit; the tokens and pairs of the GPU with most work of a prefill unit.
// 2. A step takes what the surface says times exp(spread z), z normal and drawn for that step alone.
class SurfaceTimes : public StepTimes {
 public:
  SurfaceTimes(PrefillSurface prefill, DecodeSurface decode, std::uint64_t seed = 1, std::uint32_t run = 0);
  [[nodiscard]] Seconds decode_step(const DecodeRanks& ranks, StepId id) override;
  [[nodiscard]] Seconds prefill_pass(const PrefillRanks& ranks, StepId id) override;
  [[nodiscard]] PrefillWeights prefill_weights() const override { return prefill_.weights(); }

 private:
  PrefillSurface prefill_;
  DecodeSurface decode_;
  RandomStream decode_luck_, prefill_luck_;
};

}  // namespace tideline::step
