#include "sim/fleet/simulation.h"

#include <array>
#include <atomic>
#include <exception>
#include <new>
#include <thread>

#include "sim/base/check.h"
#include "sim/fleet/decode_stage.h"
#include "sim/fleet/prefill_stage.h"

namespace tideline::fleet {
namespace {

constexpr Duration kTurn{kNsPerSecond};
// Parts of a turn: decode reads what prefill wrote in one while it is still in the caches of their core.
// Decides cost, and at the end of which part a run is over.
constexpr std::int64_t kParts = 8;
constexpr Duration kPart{kTurn.ns / kParts};
static_assert(kPart.ns * kParts == kTurn.ns);
// What one core writes stands so far from what the other reads that they share no cache line.
constexpr std::size_t kApart = 128;

// Looks this often before it sleeps: a part of a turn takes some 0.05 ms, and so does it to be woken. Decides
// cost alone.
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

// What prefill did in a part of a turn, and all that it had done by then.
struct alignas(kApart) Part {
  FromPrefill done;
  PrefillTotals totals;
};

// What decode does in a turn is told to prefill two turns later.
struct alignas(kApart) Turn {
  FromDecode from_decode;
  std::array<Part, kParts> parts;
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
        observer_(observer) {
    set_check_context([](const void* s) { return static_cast<const Simulation*>(s)->decode_.describe(); },
                      this);
  }
  ~Simulation() { set_check_context(nullptr, nullptr); }
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  RunTotals run() {
    settings_.threads > 1 ? side_by_side() : by_turns();
    prefill_.close_books();
    decode_.close_books();
    return totals();
  }

 private:
  Turn& turn_of(std::int64_t part) { return turns_[static_cast<std::size_t>(part / kParts % 2)]; }
  Part& at(std::int64_t part) { return turn_of(part).parts[static_cast<std::size_t>(part % kParts)]; }
  [[nodiscard]] Instant end_of(std::int64_t part) const {
    return settings_.start() + Duration{(part + 1) * kPart.ns};
  }
  static bool begins_turn(std::int64_t part) { return part % kParts == 0; }
  static bool ends_turn(std::int64_t part) { return part % kParts == kParts - 1; }

  // Parts are numbered through the run.
  void prefill(std::int64_t part, Part& out) {
    out.done.clear();
    if (begins_turn(part)) {
      FromDecode& learnt = turn_of(part).from_decode;
      prefill_.begin_turn(end_of(part + kParts - 1), learnt, out.done);
      learnt.clear();
    }
    try {
      prefill_.run_until(end_of(part), out.done);
    } catch (const std::bad_alloc&) {
      prefill_.refuse_for_memory();
      throw;
    }
    if (ends_turn(part)) prefill_.end_turn(out.done);
    out.totals = prefill_.totals();
  }
  // Of the turn in which the run ends, what prefill does is told to its end.
  void decode(std::int64_t part, const Part& in) {
    observer_.arrived(in.done.arrived);
    observer_.began(in.done.began);
    observer_.set_back(in.done.set_back);
    prefill_totals_ = in.totals;
    end_ = end_of(part);
    if (over_) return;
    over_ = !decode_.run_until(end_, in.done, in.totals.window_requests, turn_of(part).from_decode);
    if (ends_turn(part)) observer_.sampled({end_, in.done.sample, decode_.sample()});
  }
  // Of decode, after that part.
  [[nodiscard]] bool goes_on(std::int64_t part) const { return !over_ || !ends_turn(part); }

  void by_turns() {
    Part& part = turns_[0].parts[0];  // one, so that it stays in the caches
    for (std::int64_t n = 0;; ++n) {
      prefill(n, part);
      decode(n, part);
      if (!goes_on(n)) return;
    }
  }

  // Decode follows prefill part by part, at most two turns behind.
  void side_by_side() {
    alignas(kApart) std::atomic<std::int64_t> written{0};  // parts so far
    alignas(kApart) std::atomic<std::int64_t> read{0};
    alignas(kApart) std::atomic<bool> stop{false};
    std::exception_ptr failure;  // of the arrivals: they may come from a file
    std::jthread ahead([&] {
      set_check_context([](const void* s) { return static_cast<const Simulation*>(s)->prefill_.describe(); },
                        this);
      for (std::int64_t n = 0; !stop; ++n) {
        if (begins_turn(n))
          await(read, [&](std::int64_t parts_read) { return parts_read >= n - kParts || stop; });
        if (stop) return;
        try {
          prefill(n, at(n));
        } catch (...) {
          failure = std::current_exception();
          stop = true;
        }
        ++written;
        written.notify_one();
      }
    });
    // However decode ends, by an exception of an observer too, prefill is not left waiting for it.
    struct Stop {
      std::atomic<bool>& stop;
      std::atomic<std::int64_t>& read;
      ~Stop() {
        stop = true;
        ++read;
        read.notify_one();
      }
    } const at_the_end{stop, read};
    for (std::int64_t n = 0;; ++n) {
      await(written, [&](std::int64_t parts_written) { return parts_written > n; });
      if (stop) std::rethrow_exception(failure);
      decode(n, at(n));
      if (!goes_on(n)) return;
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
            .prefill_tokens = p.window_tokens,
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
            .maintained = p.maintained + d.maintained,
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
  std::array<Turn, 2> turns_;
  PrefillTotals prefill_totals_;  // after the part that decode has come to
  Instant end_;                   // of that part
  bool over_ = false;             // all is answered, or patience at an end
};

}  // namespace

RunTotals simulate(const Fleet& fleet, const std::vector<workload::RequestClass>& classes,
                   workload::ArrivalSource& arrivals, step::StepTimes& times, const RunSettings& settings,
                   Observer& observer) {
  return Simulation(fleet, classes, arrivals, times, settings, observer).run();
}

}  // namespace tideline::fleet
