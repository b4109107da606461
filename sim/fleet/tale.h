// One request followed through a run, for `tideline explain`: what happened to it when, and what those who
// decided saw. The stages write it where a run has one (RunSettings::tale); every other run pays one branch
// that is never taken. On one thread only.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

#include "sim/base/time.h"
#include "sim/policy/load_board.h"
#include "sim/workload/arrivals.h"

namespace tideline::fleet {

// What a balancer chose from: a number for each that could serve, the least wins. Units of prefill: seconds
// of the clock when a pass can begin on one more prompt, or prompts; units and ranks of decode: cached
// tokens, a request weighing as DecodeSettings::request_weight, or requests: as the balancer weighs them.
struct ChosenFrom {
  std::uint32_t chosen = 0;
  std::vector<std::pair<std::uint32_t, double>> seen;  // {number, load}
  static ChosenFrom among(const policy::LoadBoard& board, std::size_t chosen);
};

struct Queued {
  Instant at;
  ChosenFrom units;        // of prefill
  std::int64_t ahead = 0;  // prompts that wait there already
  bool busy = false;       // a pass runs there
  bool full = false;       // none begins: its memory is full of caches that decode has not taken
};
struct NoUnit {  // no prefill unit serves
  Instant at;
};
// Of its unit no pass takes it, because the cache of the prompt that is next has no room beside those that
// decode has not taken. `to`: the last look that found it so, or the one that found room.
struct HeldUp {
  Instant from, to;
  std::uint32_t unit = 0;
  bool over = false;  // there was room
};
struct InPass {
  Instant from, to;
  std::uint32_t unit = 0;
  std::int64_t tokens = 0, left = 0;  // computed of the prompt in this pass; for later ones
  std::int64_t prompts = 0;           // in the pass, this one among them
  double fill = 0.0;                  // of the pass's budget of work
};
struct Computed {  // the first token, or after a loss the token that comes next
  Instant at;
  bool again = false;
};
struct WaitsForRank {
  Instant at;
  std::int64_t ahead = 0;
};
struct Placed {
  Instant at, ready;  // when its cache is there
  ChosenFrom units, ranks;
};
struct OnRank {  // from its first step there to its last
  Instant from, to;
  std::uint32_t unit = 0, rank = 0;
  std::int64_t steps = 0;
  Duration shortest{std::numeric_limits<std::int64_t>::max()}, longest{};
  double rank_requests = 0.0, unit_requests = 0.0, rank_kv = 0.0;  // sums over its steps
};
struct Displaced {
  Instant at;
  enum class Why : std::uint8_t {
    kPrefillCloses,
    kPrefillLost,
    kDecodeCloses,
    kDecodeLost,
    kCacheLost,  // with the prefill unit, before decode had taken it
    kPreempted,  // the KV blocks of its rank ran out
  } why{};
  std::uint32_t unit = 0;
};
struct Ended {
  Instant at;
};
using Happening =
    std::variant<Queued, NoUnit, HeldUp, InPass, Computed, WaitsForRank, Placed, OnRank, Displaced, Ended>;

class Tale {
 public:
  explicit Tale(std::uint64_t request) : request_(request) {}

  [[nodiscard]] bool follows(std::uint64_t request) const { return request == request_; }
  [[nodiscard]] std::uint64_t request() const { return request_; }
  void arrives(const workload::Arrival& arrival, bool rejected) {
    arrival_ = arrival;
    rejected_ = rejected;
  }
  template <class What>
  What& add(What what) {
    return std::get<What>(happenings_.emplace_back(std::move(what)));
  }
  // Of that kind, if it was the last to happen.
  template <class What>
  What* last() {
    return happenings_.empty() ? nullptr : std::get_if<What>(&happenings_.back());
  }
  // A request that is numbered later arrived after the window: what has not arrived will not be followed.
  void window_over() { beyond_ = !arrival_; }

  [[nodiscard]] const std::optional<workload::Arrival>& arrival() const { return arrival_; }
  [[nodiscard]] bool rejected() const { return rejected_; }
  [[nodiscard]] bool ended() const {
    return !happenings_.empty() && std::holds_alternative<Ended>(happenings_.back());
  }
  // Nothing more will be told.
  [[nodiscard]] bool over() const { return beyond_ || rejected_ || ended(); }
  [[nodiscard]] const std::vector<Happening>& happenings() const { return happenings_; }

 private:
  std::uint64_t request_;
  std::optional<workload::Arrival> arrival_;
  bool rejected_ = false, beyond_ = false;
  std::vector<Happening> happenings_;
};

inline ChosenFrom ChosenFrom::among(const policy::LoadBoard& board, std::size_t chosen) {
  ChosenFrom c{static_cast<std::uint32_t>(chosen), {}};
  for (std::size_t i = 0; i < board.size(); ++i)
    if (board[i] < policy::LoadBoard::kNever) c.seen.emplace_back(static_cast<std::uint32_t>(i), board[i]);
  return c;
}

}  // namespace tideline::fleet
