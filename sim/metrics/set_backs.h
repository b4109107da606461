// What went wrong with requests on their way, counted: refused, taken off a rank, computed again.
#pragma once

#include <cstdint>

#include "sim/fleet/observer.h"

namespace tideline::metrics {

// Times, not requests: one may be taken off a rank, and computed again, more than once.
struct SetBacks {
  std::int64_t rejected = 0;   // longer than a rank, a prefill unit or the model's context holds
  std::int64_t preempted = 0;  // taken off a rank whose KV blocks ran out
  std::int64_t retried = 0;    // prompts computed again, those of the preempted among them

  void add(fleet::SetBack::Kind kind) {
    using Kind = fleet::SetBack::Kind;
    ++(kind == Kind::kRejected ? rejected : kind == Kind::kPreempted ? preempted : retried);
  }
  SetBacks& operator+=(const SetBacks& other) {
    rejected += other.rejected, preempted += other.preempted, retried += other.retried;
    return *this;
  }
  [[nodiscard]] bool any() const { return rejected + preempted + retried > 0; }
  bool operator==(const SetBacks&) const = default;
};

}  // namespace tideline::metrics
