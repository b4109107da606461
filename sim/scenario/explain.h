// The life of one request of a scenario, every decision with what was seen when it was made: where the time
// of a user went, and why. The scenario is run again, as far as that request needs.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sim/fleet/tale.h"
#include "sim/scenario/scenario.h"

namespace tideline::scenario {

// What a request waits for, or is given; each moment between its arrival and its end has one cause.
enum class Cause : std::uint8_t {
  kQueue,
  kMemory,
  kPass,
  kBetweenPasses,
  kRank,
  kTransfer,
  kStepStart,
  kSteps,
  kAgain
};
struct NamedCause {
  std::string_view key, label;
};
inline constexpr std::array kCauses = {
    NamedCause{"queue", "queue for a pass"},              // until the first that computes something of it
    NamedCause{"prefill_memory", "prefill memory full"},  // of caches that decode has not taken
    NamedCause{"passes", "passes"},                       // that compute its prompt
    NamedCause{"between_passes", "between passes"},       // a prompt in chunks waits for the next
    NamedCause{"wait_for_rank", "wait for a rank"},       // every rank was full
    NamedCause{"transfer", "transfer of the cache"},
    NamedCause{"wait_for_step", "wait for a step"},  // its cache is there, a step of the others runs
    NamedCause{"steps", "steps"},
    NamedCause{"computed_again", "computed again"},  // its unit was lost: until it goes on where it was
};
using TimeByCause = std::array<Duration, kCauses.size()>;

// Adds up to TTFT, and to E2E; nothing where it did not come so far.
struct Causes {
  std::optional<TimeByCause> ttft, e2e;
};
// REQUIRES: the request has arrived.
Causes causes_of(const fleet::Tale& tale);
Duration total(const TimeByCause& times);

struct Explanation {
  Scenario scenario;
  fleet::Tale tale;
  std::uint64_t arrived = 0;  // requests that had arrived when the run ended
  Instant until;              // when it ended
  Causes causes;

  // Why there is nothing to explain: it never came, was rejected; empty where there is.
  [[nodiscard]] std::string nothing() const;
};

// `request`: counted from 0 in order of arrival, those of the warm-up among them.
Explanation explain(const Scenario& scenario, std::uint64_t request,
                    const std::function<void(Instant, std::uint64_t requests)>& progress = {});

}  // namespace tideline::scenario
