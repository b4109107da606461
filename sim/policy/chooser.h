// Which of many servers a request goes to, by their loads or without them: what balancers of units and of
// GPUs have in common. What a load is, the caller says.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/base/random.h"
#include "sim/policy/balancers.h"
#include "sim/policy/load_board.h"

namespace tideline::policy {

enum class Choice { kLeast, kLesserOfTwo, kRandom, kInTurn };

constexpr Choice choice_of(PrefillBalancer balancer) {
  if (balancer == PrefillBalancer::kRoundRobin) return Choice::kInTurn;
  if (balancer == PrefillBalancer::kRandom) return Choice::kRandom;
  return balancer == PrefillBalancer::kPowerOfTwo ? Choice::kLesserOfTwo : Choice::kLeast;
}
constexpr Choice choice_of(DecodeBalancer balancer) {
  if (balancer == DecodeBalancer::kRoundRobin) return Choice::kInTurn;
  if (balancer == DecodeBalancer::kRandom) return Choice::kRandom;
  return balancer == DecodeBalancer::kPowerOfTwo ? Choice::kLesserOfTwo : Choice::kLeast;
}

// 1. Servers with a load of never are passed by, as long as there is another.
// 2. What is drawn for a request depends on its id and on nothing else.
class Chooser {
 public:
  // `salt`: choosers of one stream that draw different words.
  Chooser(Choice choice, const RandomStream& words, std::uint32_t salt)
      : choice_(choice), words_(words), first_block_(std::uint64_t{salt} << 32) {}

  // REQUIRES: at least one server.
  std::size_t choose(LoadBoard& loads, std::uint64_t id) {
    switch (choice_) {
      case Choice::kLeast:
        return loads.least();
      case Choice::kInTurn:
        return in_turn(loads);
      case Choice::kRandom:
        return drawn(loads, id, 0);
      case Choice::kLesserOfTwo:
        break;
    }
    const std::size_t one = drawn(loads, id, 0), other = drawn(loads, id, kTries);
    return loads[other] < loads[one] ? other : one;
  }

 private:
  static constexpr std::uint64_t kTries = 32;

  // The first that is open, from there on.
  [[nodiscard]] static std::size_t open_from(const LoadBoard& loads, std::size_t from) {
    for (std::size_t tries = 0; tries < loads.size(); ++tries)
      if (const std::size_t server = (from + tries) % loads.size(); loads[server] != LoadBoard::kNever)
        return server;
    return from % loads.size();
  }
  // The next one has its turn after it; where none is open, whoever had it keeps it.
  std::size_t in_turn(const LoadBoard& loads) {
    const std::size_t server = open_from(loads, next_);
    if (loads[server] != LoadBoard::kNever) next_ = (server + 1) % loads.size();
    return server;
  }
  // Drawn again where it is not open, so that its neighbours get no more than others.
  std::size_t drawn(const LoadBoard& loads, std::uint64_t id, std::uint64_t first) {
    std::size_t server = 0;
    for (std::uint64_t n = 0; n < kTries; ++n) {
      const std::uint64_t word = words_.block(id, first_block_ + first + n)[0];
      server = static_cast<std::size_t>(word * loads.size() >> 32);
      if (loads[server] != LoadBoard::kNever) return server;
    }
    return open_from(loads, server);
  }

  Choice choice_;
  RandomStream words_;
  std::uint64_t first_block_;
  std::size_t next_ = 0;
};

}  // namespace tideline::policy
