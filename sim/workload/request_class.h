// What one class of requests asks for: tokens in, how many of them the prefix cache holds, tokens out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/config/node.h"
#include "sim/workload/distribution.h"
#include "sim/workload/lengths.h"

namespace tideline::workload {

// Of a load: a request names its class in eight bits (Arrival::request_class).
inline constexpr std::size_t kClassesMax = 255;

// Multi-turn conversations seen at one of their turns: the prompt of turn t is every user message so far and
// the visible part of every answer before it; the cache holds the prompt of the turn before.
struct Conversation {
  Distribution user_message;
  Distribution answer_visible;  // tokens of an earlier answer that are sent again
  std::vector<double>
      turn_cumulative;  // P(turn <= t), t = 1..; a request is at turn t with this distribution
};

class RequestClass {
 public:
  static RequestClass read(const config::Node& node);
  // A class whose requests come from elsewhere, a trace or sessions: no lengths are drawn from it.
  static RequestClass named(std::string name);

  // Turns of its conversation before that of the request whose first block of random words this is.
  [[nodiscard]] std::size_t turns_before(const PhiloxBlock& block) const;
  // Blocks after its first that the lengths of such a request are drawn from.
  [[nodiscard]] static std::size_t further_blocks(std::size_t turns_before) { return (turns_before + 1) / 2; }
  [[nodiscard]] Lengths draw(const PhiloxBlock& block, std::size_t turns_before,
                             std::span<const PhiloxBlock> further) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] double share() const { return share_; }
  // Tokens of an answer on average, as cut at "output_max". Error: rounding to whole tokens, and up to one,
  // is left out.
  [[nodiscard]] double output_mean() const { return output_.mean(max_.output); }
  // Chance that the second token of a step is accepted, where it differs from the decode unit's own.
  [[nodiscard]] std::optional<double> draft_acceptance() const { return draft_acceptance_; }

 private:
  [[nodiscard]] Lengths draw_turn(const PhiloxBlock& block, std::size_t turns_before,
                                  std::span<const PhiloxBlock> further) const;

  std::string name_;
  double share_ = 1.0;
  std::optional<double> draft_acceptance_;
  Distribution output_;
  LengthsMax max_;
  // Exactly one of the two ways to a prompt:
  std::shared_ptr<const Conversation> conversation_;
  std::optional<Distribution> input_;
  // ... and, with input_, one of the two ways to a hit:
  std::optional<Distribution> miss_;  // tokens that the cache cannot hold: hit = input - min(input, miss)
  double hit_fraction_ = 0.0;         // the same share of every prompt
};

}  // namespace tideline::workload
