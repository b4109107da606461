// Requests in order of arrival, from whatever a scenario's "workload" says: drawn class by class through the
// day, turn by turn of sessions, or read from a trace. They are computed as they are read, so that memory
// does not grow with the day, and request n is the same whatever the fleet does with it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/config/node.h"
#include "sim/workload/arrival_clock.h"
#include "sim/workload/day_curve.h"
#include "sim/workload/prefix_caching.h"
#include "sim/workload/request_class.h"

namespace tideline::workload {

struct Sessions;
namespace traces {
struct TraceLoad;
}

struct Workload {
  std::vector<RequestClass> classes;     // of sessions and traces: their names only
  std::vector<double> class_cumulative;  // of request shares; of drawn classes only
  std::vector<std::string> left_out;     // drawn classes that are served elsewhere
  DayCurve rate{};                       // requests per second, by slot of the local day
  int first_hour = 0;                    // local hour at instant 0
  PrefixCaching prefix_caching;
  // At most one of:
  std::shared_ptr<const Sessions> sessions;
  std::shared_ptr<const traces::TraceLoad> trace;

  [[nodiscard]] std::vector<std::string> class_names() const;
  // Those of classes that are served elsewhere too.
  [[nodiscard]] std::vector<std::string> known_names() const;
};

// Reads "workload" of a scenario. Drawn classes and sessions: "requests_per_day", or "output_tokens_per_day"
// at their mean answer, spread over the day by "hourly_profile" as "between_hours" says. A trace brings its
// times.
Workload read_workload(const config::Node& node, int first_hour);

struct Arrival {
  Instant at;
  std::uint64_t id = 0;
  std::uint8_t request_class = 0;
  Lengths lengths{};
  std::uint64_t session = 0;  // or whatever else says that two prompts begin alike; 0: nothing does
};

// Requests in order of arrival, many at a time.
class ArrivalSource {
 public:
  virtual ~ArrivalSource() = default;
  // Writes the next requests and returns how many; fewer than asked for only when there are no more.
  virtual std::size_t read(std::span<Arrival> arrivals) = 0;
};

// The requests of a workload from `start` (which may lie before instant 0) on. REQUIRES: `workload` outlives
// them. Fails: throws InputError on a trace that cannot be read.
std::unique_ptr<ArrivalSource> make_arrivals(const Workload& workload, std::uint64_t seed, std::uint32_t run,
                                             Instant start);

// Those of drawn classes, without end: read many at once, about 30 ns each.
class ArrivalStream : public ArrivalSource {
 public:
  ArrivalStream(const Workload& workload, std::uint64_t seed, std::uint32_t run, Instant start);
  std::size_t read(std::span<Arrival> arrivals) override;
  Arrival next();

 private:
  static constexpr std::size_t kBatch = 64;
  void draw(std::span<Arrival> batch);

  const Workload& workload_;
  ArrivalClock clock_;
  RandomStream requests_;
  std::uint64_t id_ = 0;
  // Of a batch: the first block of each request, where it stands in its conversation, all further blocks.
  std::array<PhiloxBlock, kBatch> first_{};
  std::array<std::size_t, kBatch> turns_before_{};
  std::vector<PhiloxBlock> further_;
};

}  // namespace tideline::workload
