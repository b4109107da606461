// Service level objectives: what a request has to keep to be counted as good, and which share of them must.
// A request is good when it keeps all of the objectives of its class. What was offered and not answered, or
// rejected, is not good.
// Source: Zhong et al., "DistServe", OSDI 2024: goodput is the rate of requests that meet TTFT and TPOT; the
// default share of 0.9 is its attainment goal.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/config/node.h"
#include "sim/fleet/observer.h"
#include "sim/workload/request_class.h"

namespace tideline::metrics {

inline constexpr Duration kNoLimit{std::numeric_limits<std::int64_t>::max()};

// At most, each of them; as day.h defines them. An answer of one token has no TPOT and keeps any.
struct Slo {
  Duration ttft = kNoLimit, tpot = kNoLimit, e2e = kNoLimit;
};

struct Slos {
  std::vector<Slo> by_class;
  double share = 0.9;  // of the requests that must be good
};

// Reads "slo" of a scenario: {"ttft", "tpot", "e2e", "share", "classes": {name: {"ttft", ...}}}; what a class
// says replaces what the whole says. Classes that are served elsewhere may be among them. Nothing when there
// is none.
std::optional<Slos> read_slos(const config::Node& scenario,
                              const std::vector<workload::RequestClass>& classes,
                              const std::vector<std::string>& served_elsewhere = {});

// Counts of one part of the load. What was missed is counted of the answered; one request may miss several.
struct Attainment {
  std::int64_t offered = 0;  // arrived, rejected ones among them
  std::int64_t good = 0, good_output_tokens = 0;
  std::int64_t ttft_missed = 0, tpot_missed = 0, e2e_missed = 0;

  void answered(const fleet::Finished& request, const Slo& slo);
  Attainment& operator+=(const Attainment& other);
  // Of the offered requests; 1 where none was offered.
  [[nodiscard]] double share() const {
    return offered > 0 ? static_cast<double>(good) / static_cast<double>(offered) : 1.0;
  }
};

// The latencies of a request that SLOs are about; `tpot` is 0 where there is none.
struct RequestLatencies {
  Duration ttft, tpot, e2e;
};
RequestLatencies latencies_of(const fleet::Finished& request);

}  // namespace tideline::metrics
