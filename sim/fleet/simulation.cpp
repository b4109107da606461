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
// Parts of a turn: decode reads what prefill wrote in one while it is still in the caches of their core.
// Decides cost alone.
constexpr std::size_t kParts = 8;
constexpr Duration kPart{kTurn.ns / static_cast<std::int64_t>(kParts)};
static_assert(kPart.ns * static_cast<std::int64_t>(kParts) == kTurn.ns);
// What one core writes stands so far from what the other reads that they share no cache line.
constexpr std::size_t kApart = 128;

// Looks this often before it sleeps: a turn takes from 0.2 to 1 ms, to be woken some 0.05. Decides cost
// alone.
constexpr int kLooks = 4096;

// Waits until `count` is something that `enough` accepts.
template <class Enough>
void await(const std::atomic<std::int64_t>& count, Enough enough) {
  for (int i = 0; i < kLooks; ++i) {
    if (enough(count.load())) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  for (std::int64_t seen = count; !enough(seen); seen = count) count.wait(seen);
}

// What decode did in a turn, which prefill learns two turns later; and what prefill did in it.
struct alignas(kApart) Turn {
  std::int64_t number = 0;
  FromDecode from_decode;
  std::array<FromPrefill, kParts> from_prefill;
  PrefillTotals totals;  // at its end
};

class Simulation {
 public:
  Simulation(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
             workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
             Observer& observer)
      : settings_(settings),
        answers_(fleet.decode, classes, settings_),
        prefill_(fleet, answers_, arrivals, times, settings_),
        decode_(fleet, answers_, classes.size(), times, settings_, observer),
        observer_(observer) {}

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
  [[nodiscard]] Instant end_of(std::int64_t turn, std::size_t part = kParts - 1) const {
    return settings_.start() + Duration{turn * kTurn.ns + static_cast<std::int64_t>(part + 1) * kPart.ns};
  }
  void prefill(Turn& turn, std::size_t part, FromPrefill& out) {
    out.clear();
    if (part == 0) {
      prefill_.begin_turn(end_of(turn.number), turn.from_decode, out);
      turn.from_decode.clear();
    }
    prefill_.run_until(end_of(turn.number, part), out);
    turn.totals = prefill_.totals();
  }
  // Of a turn in which the run ends, prefill's parts are told to the last.
  void decode(Turn& turn, std::size_t part, const FromPrefill& in) {
    observer_.arrived(in.arrived);
    observer_.began(in.began);
    prefill_totals_ = turn.totals;
    end_ = end_of(turn.number, part);
    if (over_) return;
    over_ = !decode_.run_until(end_, in, turn.totals.window_requests, turn.from_decode);
    if (!over_ && part == kParts - 1) observer_.sampled({end_, in.sample, decode_.sample()});
  }

  void by_turns() {
    std::array<Turn, 2> turns;
    FromPrefill& out = turns[0].from_prefill[0];
    for (std::int64_t n = 0; !over_; ++n) {
      Turn& turn = turns[static_cast<std::size_t>(n % 2)];
      turn.number = n;
      for (std::size_t part = 0; part < kParts; ++part) prefill(turn, part, out), decode(turn, part, out);
    }
  }

  // Prefill writes one of two turns while decode reads the other.
  void side_by_side() {
    std::array<Turn, 2> turns;
    alignas(kApart) std::atomic<std::int64_t> written{0};  // turns so far
    alignas(kApart) std::atomic<std::int64_t> read{0};
    alignas(kApart) std::atomic<bool> stop{false};
    std::exception_ptr failure;  // of the arrivals: they may come from a file
    std::jthread ahead([&] {
      set_check_context([](const void* s) { return static_cast<const Simulation*>(s)->prefill_.describe(); },
                        this);
      for (std::int64_t n = 0; !stop; ++n) {
        await(read, [&](std::int64_t turns_read) { return n < turns_read + 2 || stop; });
        if (stop) return;
        Turn& turn = turns[static_cast<std::size_t>(n % 2)];
        turn.number = n;
        try {
          for (std::size_t part = 0; part < kParts; ++part) prefill(turn, part, turn.from_prefill[part]);
        } catch (...) {
          failure = std::current_exception();
          stop = true;
        }
        ++written;
        written.notify_one();
      }
    });
    for (std::int64_t n = 0; !over_; ++n) {
      await(written, [&](std::int64_t turns_written) { return turns_written > n; });
      if (failure) std::rethrow_exception(failure);
      Turn& turn = turns[static_cast<std::size_t>(n % 2)];
      for (std::size_t part = 0; part < kParts; ++part) decode(turn, part, turn.from_prefill[part]);
      stop = over_;
      ++read;
      read.notify_one();
    }
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

  alignas(kApart) const RunSettings settings_;
  const Answers answers_;
  alignas(kApart) PrefillStage prefill_;
  alignas(kApart) DecodeStage decode_;
  Observer& observer_;
  PrefillTotals prefill_totals_;  // after the turn that decode has come to
  Instant end_;                   // of that turn
  bool over_ = false;             // all is answered, or patience at an end
};

}  // namespace

RunTotals simulate(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
                   workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
                   Observer& observer) {
  return Simulation(fleet, classes, arrivals, times, settings, observer).run();
}

}  // namespace tideline::fleet
