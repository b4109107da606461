// The stream of requests of a day: a Poisson process whose rate follows the hours of the day, and for every
// request its class and lengths. Nothing is stored: the stream is computed as it is read, so that memory does
// not grow with the day, and request n is the same whatever the fleet does with it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/config/node.h"
#include "sim/workload/day_curve.h"
#include "sim/workload/request_class.h"

namespace tideline::workload {

struct Workload {
  std::vector<RequestClass> classes;
  std::vector<double> class_cumulative;  // of request shares
  DayCurve rate{};                       // requests per second, by slot of the local day
  int first_hour = 0;                    // local hour at instant 0
};

// Reads "workload" of a scenario: "requests_per_day", or "output_tokens_per_day" at the classes' mean answer,
// spread over the day by "hourly_profile" as "between_hours" says.
Workload read_workload(const config::Node& node, int first_hour);

struct Arrival {
  Instant at;
  std::uint64_t id = 0;
  std::uint8_t request_class = 0;
  Lengths lengths{};
};

// Requests in order of arrival, many at a time.
class ArrivalSource {
 public:
  virtual ~ArrivalSource() = default;
  // Writes the next requests and returns how many; fewer than asked for only when there are no more.
  virtual std::size_t read(std::span<Arrival> arrivals) = 0;
};

// The requests of a workload, from `start` (which may lie before instant 0) on, without end. About 60 ns
// each.
class ArrivalStream : public ArrivalSource {
 public:
  ArrivalStream(const Workload& workload, std::uint64_t seed, std::uint32_t run, Instant start);
  std::size_t read(std::span<Arrival> arrivals) override;
  Arrival next();

 private:
  void enter_slot(std::int64_t slot);
  double next_gap();

  const Workload& workload_;
  RandomStream gaps_, requests_;
  PhiloxBlock gap_words_{};
  std::uint64_t id_ = 0;
  double clock_s_ = 0.0;     // seconds since the start of the current slot
  std::int64_t slot_ = 0;    // whole slots since instant 0
  double mean_gap_s_ = 0.0;  // in the current slot
};

}  // namespace tideline::workload
