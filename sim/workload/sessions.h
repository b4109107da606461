// Conversations of several turns, whose prompts share a growing beginning: a system prompt, every message and
// the visible part of every answer so far. What a prefix cache finds of them is then simulated, not drawn.
//
// 1. Sessions begin as a Poisson process through the day; a session's kind, its lengths and its gaps are
//    functions of (seed, session, turn) and are computed again at each turn. Stored is only when the next
//    turn of each session under way comes: 24 bytes each, so that memory follows sessions a second times
//    their length, never the length of the day.
// 2. The next turn comes when the answer has been read out at `answer_speed` and the user has thought. It
// does
//    not wait for the simulated answer (an open loop), so that two policies meet the very same requests.
// 3. A session ends where its next prompt would be longer than `input_max`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/config/node.h"
#include "sim/engine/heap.h"
#include "sim/workload/arrival_clock.h"
#include "sim/workload/chained.h"
#include "sim/workload/distribution.h"
#include "sim/workload/lengths.h"
#include "sim/workload/prefix_caching.h"

namespace tideline::workload {

struct SessionKind {
  std::string name;
  double share = 1.0;  // of sessions
  LengthsMax max;
  std::vector<double> goes_on;   // chance that turn t is followed by another, t = 0..
  Distribution message, output;  // tokens a turn
  std::optional<Distribution>
      visible_share;     // of an answer, what is sent again (reasoning is not); absent: all
  Distribution think_s;  // seconds from the end of an answer to the next message
  std::optional<Distribution> system_tokens;  // of each of `system_prompts`
  std::uint64_t system_prompts = 1;           // different ones, equally popular; at most 2^31

  // Of a session that no `max.input` ends.
  [[nodiscard]] double turns_mean() const;
  // What `max.input` leaves of the turns and of the tokens of their answers: of some thousand sessions that
  // are drawn, always the same. Error: a percent or two of what it takes away.
  struct Kept {
    double turns = 1.0, output = 1.0;
  };
  [[nodiscard]] Kept kept() const;
};

struct Sessions {
  std::vector<SessionKind> kinds;
  std::vector<double> kind_cumulative;  // of session shares
  DayCurve rate{};                      // sessions begun per second, by slot of the local day
  int first_hour = 0;
  Duration history{};         // sessions begin this long before the first request that is handed on
  double answer_tok_s = 0.0;  // reading speed of answers

  // Of the mean session, as `max.input` ends it.
  [[nodiscard]] double requests_mean() const;
  [[nodiscard]] double output_tokens_mean() const;
};

// "sessions" of a workload; `rate` is left to the caller.
Sessions read_sessions(const config::Node& node);

class SessionSource : public ChainSource {
 public:
  // Requests from `start` on. REQUIRES: `sessions` outlives the source.
  SessionSource(const Sessions& sessions, const PrefixCaching& caching, std::uint64_t seed, std::uint32_t run,
                Instant start);
  bool next(ChainedRequest& request) override;  // always true: sessions do not end

  [[nodiscard]] std::size_t under_way() const { return coming_.size(); }

 private:
  struct Turn {
    Instant at;
    std::uint64_t session = 0;
    std::uint32_t turn = 0;
    auto operator<=>(const Turn&) const = default;
  };
  struct Nothing {};

  void fill(const Turn& turn, ChainedRequest& request);
  [[nodiscard]] std::size_t kind_of(const PhiloxBlock& opening) const;
  std::int64_t add_system_prompt(std::size_t kind, const PhiloxBlock& opening, ChainedRequest& request) const;
  void go_on(const SessionKind& kind, const Turn& turn, std::int64_t context, std::int64_t output);

  const Sessions& sessions_;
  std::int64_t block_tokens_;
  bool outputs_;
  RandomStream words_;
  ArrivalClock starts_;
  Instant next_start_;
  std::uint64_t session_ = 0;
  engine::QuadHeap<Turn, Nothing> coming_;
};

}  // namespace tideline::workload
