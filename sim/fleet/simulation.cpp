#include "sim/fleet/simulation.h"

#include <array>
#include <atomic>
#include <exception>
#include <thread>

#include "sim/base/check.h"
#include "sim/fleet/decode_stage.h"
#include "sim/fleet/prefill_stage.h"

namespace tideline::fleet {
namespace {

constexpr Duration kTurn{kNsPerSecond};

// What prefill did in a turn, and what decode did in it: prefill learns of that two turns later.
struct Turn {
  Instant end;
  FromPrefill from_prefill;
  FromDecode from_decode;
  PrefillTotals totals;
};

class Simulation {
 public:
  Simulation(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
             workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
             Observer& observer)
      : settings_(settings),
        observer_(observer),
        prefill_(fleet, arrivals, times, settings),
        decode_(fleet, classes, times, settings, observer) {}

  RunTotals run() {
    set_check_context([](const void* s) { return static_cast<const Simulation*>(s)->decode_.describe(); },
                      this);
    settings_.threads > 1 ? side_by_side() : by_turns();
    prefill_.close_books();
    decode_.close_books();
    set_check_context(nullptr, nullptr);
    return totals();
  }

 private:
  void prefill(Turn& turn, std::int64_t number) {
    turn.end = settings_.start() + Duration{(number + 1) * kTurn.ns};
    turn.from_prefill.clear();
    prefill_.run_until(turn.end, turn.from_decode, turn.from_prefill);
    turn.from_decode.clear();
    turn.totals = prefill_.totals();
  }
  // False when the run is over.
  bool decode(Turn& turn) {
    prefill_totals_ = turn.totals;
    end_ = turn.end;
    observer_.arrived(turn.from_prefill.arrived);
    observer_.began(turn.from_prefill.began);
    if (!decode_.run_until(turn.end, turn.from_prefill, turn.totals.window_requests, turn.from_decode))
      return false;
    observer_.sampled({turn.end, turn.from_prefill.sample, decode_.sample()});
    return true;
  }

  void by_turns() {
    std::array<Turn, 2> turns;
    for (std::int64_t n = 0;; ++n) {
      Turn& turn = turns[static_cast<std::size_t>(n % 2)];
      prefill(turn, n);
      if (!decode(turn)) return;
    }
  }

  // Prefill writes one of two turns while decode reads the other.
  void side_by_side() {
    std::array<Turn, 2> turns;
    std::atomic<std::int64_t> written{0}, read{0};  // turns so far
    std::atomic<bool> over{false};
    std::exception_ptr failure;  // of the arrivals: they may come from a file
    std::jthread ahead([&] {
      set_check_context([](const void* s) { return static_cast<const Simulation*>(s)->prefill_.describe(); },
                        this);
      for (std::int64_t n = 0; !over; ++n) {
        for (std::int64_t seen = read; n >= seen + 2 && !over; seen = read) read.wait(seen);
        if (over) return;
        try {
          prefill(turns[static_cast<std::size_t>(n % 2)], n);
        } catch (...) {
          failure = std::current_exception();
          over = true;
        }
        ++written;
        written.notify_one();
      }
    });
    for (std::int64_t n = 0;; ++n) {
      for (std::int64_t seen = written; seen <= n; seen = written) written.wait(seen);
      if (failure) std::rethrow_exception(failure);
      if (!decode(turns[static_cast<std::size_t>(n % 2)])) break;
      ++read;
      read.notify_one();
    }
    over = true;
    ++read;
    read.notify_one();
  }

  [[nodiscard]] RunTotals totals() const {
    const PrefillTotals& p = prefill_totals_;
    const DecodeTotals& d = decode_.totals();
    return {.arrived = p.arrived,
            .finished = d.finished,
            .window_requests = p.window_requests,
            .window_unfinished = p.window_requests - d.window_finished,
            .decode_steps = d.steps,
            .prefill_passes = p.passes,
            .window_decode_steps = d.window_steps,
            .window_prefill_passes = p.window_passes,
            .decode_step_s = d.step_s,
            .prefill_busy_s = p.busy_s,
            .prefill_fills = p.fills,
            .decode_requests_s = d.requests_s,
            .kv_fill_max = d.kv_fill_max,
            .prefill_fill_max = p.memory_fill_max,
            .prefill_held_up = p.held_up,
            .waited_for_decode = d.waited,
            .rejected = p.rejected,
            .moved = d.moved,
            .preempted = d.preempted,
            .retried = p.retried,
            .failures = p.failures + d.failures,
            .prefill_units = prefill_units(),
            .decode_units = decode_.roster().history(),
            .digest = decode_.digest()};
  }

  // Prefill may be ahead.
  [[nodiscard]] std::vector<UnitsFrom> prefill_units() const {
    auto units = prefill_.roster().history();
    std::erase_if(units, [&](const UnitsFrom& u) { return u.from >= end_; });
    return units;
  }

  const RunSettings& settings_;
  Observer& observer_;
  PrefillStage prefill_;
  DecodeStage decode_;
  PrefillTotals prefill_totals_;  // after the turn that decode has come to
  Instant end_;                   // of that turn
};

}  // namespace

RunTotals simulate(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
                   workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
                   Observer& observer) {
  return Simulation(fleet, classes, arrivals, times, settings, observer).run();
}

}  // namespace tideline::fleet
