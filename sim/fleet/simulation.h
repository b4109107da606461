// The fleet through the day, request by request: arrive, prefill, move the KV cache, decode, leave.
//
// 1. Load runs from before the window (warm-up) until the last request that arrived in the window has left,
//    so that slow requests are neither missing nor served by an emptying fleet.
// 2. What arrives leaves: tokens in and out are conserved, and the time requests spend equals the time
//    integral of how many are in flight (Little's law), both to the nanosecond. Checked on every run.
// 3. A unit that leaves hands its requests on (prompts go to another queue, answers move with their KV
// cache),
//    or drains: it ends them first. A unit that is lost takes that with it: its requests are computed again,
//    from one to two turns later.
// 4. The same inputs give the same sequence of events, on one thread and on two; the digest is over all of
//    them.
//
// Prefill (prefill_stage.h) and decode (decode_stage.h) take turns of a second each. Prefill may be a turn
// ahead: on two threads both run at once. What decode does is felt in prefill two turns later: which requests
// must be computed again, and which caches have left prefill's memory.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fleet/fleet.h"
#include "sim/fleet/observer.h"
#include "sim/fleet/run_settings.h"
#include "sim/step/step_times.h"
#include "sim/workload/arrivals.h"

namespace tideline::fleet {

struct RunTotals {
  std::uint64_t arrived = 0, finished = 0;             // over the whole run, warm-up and after included
  std::uint64_t window_requests = 0;                   // arrived in the window
  std::uint64_t window_unfinished = 0;                 // of these, still in flight when patience ended
  std::uint64_t decode_steps = 0, prefill_passes = 0;  // over the whole run
  std::uint64_t window_decode_steps = 0, window_prefill_passes = 0;
  double decode_step_s = 0.0, prefill_busy_s = 0.0;  // sums over units, in the window
  double prefill_fills = 0.0;                        // of the budget of work, sum over passes in the window
  double prefill_tokens = 0.0;                       // computed in passes in the window
  double decode_requests_s = 0.0;                    // time integral of requests on ranks, in the window
  double kv_fill_max = 0.0;                          // fullest rank ever, of its KV capacity
  double prefill_fill_max = 0.0;                     // fullest prefill unit ever, of its memory for caches
  std::uint64_t prefill_held_up = 0;                 // passes that could not begin: the memory was full
  std::uint64_t waited_for_decode = 0;               // requests that found every rank full
  std::uint64_t rejected = 0;    // in the window; could never fit, and not among the arrived
  std::uint64_t moved = 0;       // answers that changed units
  std::uint64_t preempted = 0;   // taken off a rank whose KV blocks ran out
  std::uint64_t retried = 0;     // prompts computed again: their unit lost, preempted
  std::uint64_t failures = 0;    // units lost
  std::uint64_t maintained = 0;  // units taken out for maintenance
  std::vector<UnitsFrom> prefill_units, decode_units;  // held, through the run
  std::uint64_t digest = 0;
  [[nodiscard]] bool saturated() const { return window_unfinished > 0; }
};

// `classes` says what the classes of the arrivals are; `arrivals` begins at -settings.warm_up or later.
RunTotals simulate(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
                   workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
                   Observer& observer);

}  // namespace tideline::fleet
