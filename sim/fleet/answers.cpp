#include "sim/fleet/answers.h"

#include <algorithm>
#include <cmath>

namespace tideline::fleet {

Answers::Answers(const DecodeSettings& decode, const std::vector<workload::RequestClass>& classes,
                 const RunSettings& settings)
    : words_(settings.seed, settings.run, Purpose::kSpeculation) {
  for (const auto& c : classes) {
    speculation_.emplace_back(
        decode.unit.draft_tokens > 0 ? c.draft_acceptance().value_or(decode.draft_acceptance) : 0.0);
    const double rate = std::floor(speculation_.back().tokens_per_step() * 0x1p20) * 0x1p-20;
    const auto known = std::ranges::find(rates_, rate);
    growth_.push_back(static_cast<std::uint8_t>(known - rates_.begin()));
    if (known == rates_.end()) rates_.push_back(rate);
    rate_.push_back(rate);
  }
}

}  // namespace tideline::fleet
