// What a measurement of speed is: a name, what one operation is, and the time of one; listed in main.cpp.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tideline::bench {

struct Result {
  double median = 0.0;  // nanoseconds an operation, over the repetitions
  double least = 0.0;
  double most = 0.0;
  int repetitions = 0;
};

// The most memory that a piece of the program held, in MB, all of the process counted; nothing where the
// system does not say (Linux does: proc(5), clear_refs and VmHWM).
class PeakMemory {
 public:
  PeakMemory();  // forgets what was held before
  [[nodiscard]] std::optional<double> megabytes() const;
};

struct Measurement {
  std::string name;
  std::string operation;  // one sentence: what one operation is
  Result (*run)();
};

// Calls `work` (which does `operations` operations) once to warm up, then `repetitions` times by the clock.
template <class Work>
Result time_of(double operations, int repetitions, Work work) {
  using Clock = std::chrono::steady_clock;
  work();
  std::vector<double> ns;
  for (int i = 0; i < repetitions; ++i) {
    const Clock::time_point start = Clock::now();
    work();
    ns.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count() / operations);
  }
  std::sort(ns.begin(), ns.end());
  return {ns[ns.size() / 2], ns.front(), ns.back(), repetitions};
}

// One hold operation (pop the earliest event, push a later one) of the engine's heap holding 100,000 events.
Result hold();
// One simulated request, from arrival to last token: the fleet on given step times, and all that `run` does.
Result fleet_alone();
Result fleet_on_two();
Result fleet_twice_the_load();
Result fleet_for_longer();
Result whole_run();

// One block of a large prefix cache; one request of sessions, its prefix hits found in a cache.
Result prefix_block();
Result session_request();

// One decode step of 144 GPUs, kernel by kernel; the surfaces of both units of the flagship.
Result decode_step();
Result surfaces();

// One pair of all-to-alls of a unit of 144 GPUs, by the expert load of each GPU or by a full matrix.
Result exchange_shares();
Result exchange_matrix();

// Of a study of small days: the simulation of a point alone, all of a point, the same two at a time; a row of
// results written, and read, sorted and merged.
Result sweep_simulation();
Result sweep_point();
Result sweep_loads_simulation();
Result sweep_loads();
Result sweep_steps();
Result sweep_point_on_two();
Result sweep_write();
Result sweep_merge();

}  // namespace tideline::bench
