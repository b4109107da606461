// How far off the inputs of a statement may be: one range a driver, each with its source or marked as
// assumed. What follows from them is in drivers.h, tornado.h, sobol.h and monte_carlo.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/policy.h"
#include "sim/config/node.h"
#include "sim/finance/channel.h"

namespace tideline::finance {

// What moves profit. Factors are 1 as things stand; shares stand where the statement has them.
struct Levers {
  double gpu_rate = 1.0;         // factor: what a node-hour costs
  double price = 1.0;            // factor: of every price of the books
  double paid_share = 1.0;       // of the tokens, by what they cost at the book
  double load = 1.0;             // factor: tokens of every meter
  double mix = 0.0;              // share of the tokens that is priced at the other model's book
  double cache_hit_share = 0.0;  // of the input tokens
  double efficiency = 1.0;       // factor: node-hours a token
};
struct LeverInfo {
  std::string_view name, label, sentence;
  double Levers::*value;
  bool factor;  // or a share
};
inline constexpr std::array kLevers = {
    LeverInfo{"gpu_rate", "GPU rate", "what a node-hour costs, as a factor", &Levers::gpu_rate, true},
    LeverInfo{"price", "prices", "every price of the books, as a factor", &Levers::price, true},
    LeverInfo{"paid_share", "paid share", "tokens that are paid for, by their price", &Levers::paid_share,
              false},
    LeverInfo{"load", "load", "tokens of every meter, as a factor", &Levers::load, true},
    LeverInfo{"mix", "other model", "tokens that are priced at another book", &Levers::mix, false},
    LeverInfo{"cache_hit_share", "cache hits", "input tokens that are found in the cache",
              &Levers::cache_hit_share, false},
    LeverInfo{"efficiency", "node-hours a token", "node-hours that a token takes, as a factor",
              &Levers::efficiency, true}};

enum class Shape { kTriangular, kUniform };
inline constexpr std::array kShapes = {
    Policy<Shape>{"triangular", "likeliest as things stand, never beyond the ends", Shape::kTriangular},
    Policy<Shape>{"uniform", "alike everywhere between the ends", Shape::kUniform}};

struct Range {
  const LeverInfo* lever = nullptr;
  double low = 0, high = 0;
  Shape shape = Shape::kTriangular;
  std::string reason;  // where it comes from
  bool assumed = false;
  // Of a range that was drawn before: its values in order, alike likely. low and high are then P10 and P90.
  std::vector<double> drawn;
};

struct Uncertainty {
  std::int64_t samples = 4096;
  std::uint64_t seed = 1;
  // Share of the nodes held that follows the load: 1, node-hours in proportion to tokens; 0, the schedule
  // stays whatever comes.
  double nodes_follow = 1.0;
  std::vector<Range> ranges;  // in the order of kLevers
  std::optional<Sold> other;  // of the mix
};

// "uncertainty" of "money":
//   {"samples": 4096, "seed": 1, "nodes_follow": 1, "ranges": {"price": {"low": 0.5, "high": 1.2,
//    "shape": "triangular", "source" or "assumed": "why"}, "mix": {..., "price_book": "...", "model":
//    "..."}}}
Uncertainty read_uncertainty(const config::Node& node, Channels& channels);

// What a run says of its node-hours a token takes the place of a range of efficiency, unless there is one.
void add_bands_of_run(std::vector<double> node_hours_a_token, std::optional<Uncertainty>& uncertainty);

}  // namespace tideline::finance
