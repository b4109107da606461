// From one profit to another: how much of the change came of what. Shapley values: each effect is the mean
// over all orders in which the six could have changed, so that none is favoured by coming first; they add up
// to the change to the micro-dollar (what rounding leaves over is divided in proportion).
//
// With V the tokens, r the revenue a token, s the share of the tokens that prefill computes and that are
// output, e the node-hours of serving that each of those takes, c the node-hours beside them, f those that
// are freed, w and w_freed what an hour of a node costs that is held, and that is freed, less its worth:
//   profit = V r(price, mix) - w (V (s_prefill(mix) e_prefill + s_output(mix) e_decode) + c) - w_freed f
#pragma once

#include <array>
#include <string_view>

#include "sim/finance/case.h"

namespace tideline::finance {

enum class Cause : std::uint8_t { kPrice, kVolume, kMix, kRates, kEfficiency, kCapacity };
struct CauseInfo {
  std::string_view name, sentence;
  Cause cause;
};
inline constexpr std::array kCauses = {
    CauseInfo{"price", "books, windows, free shares, share of each model", Cause::kPrice},
    CauseInfo{"volume", "tokens altogether", Cause::kVolume},
    CauseInfo{"mix", "which tokens: meters, classes, hours", Cause::kMix},
    CauseInfo{"rates", "what a node-hour costs", Cause::kRates},
    CauseInfo{"efficiency", "node-hours of serving that a token takes", Cause::kEfficiency},
    CauseInfo{"capacity",
              "node-hours beside serving: standing by, starting, down, draining, maintenance, freed",
              Cause::kCapacity}};

struct Bridge {
  Money from, to;
  std::array<Money, kCauses.size()> effects{};  // by Cause
};

Bridge bridge(const Case& from, const Case& to);

}  // namespace tideline::finance
