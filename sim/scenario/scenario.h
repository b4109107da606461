// A scenario file as a whole: which model, which machines, which load, which units when, at which prices, and
// what was published of the real thing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/config/node.h"
#include "sim/finance/terms.h"
#include "sim/fleet/fleet.h"
#include "sim/metrics/slo.h"
#include "sim/scenario/layout_axes.h"
#include "sim/scenario/planning.h"
#include "sim/scenario/uncertainty.h"
#include "sim/workload/arrivals.h"

namespace tideline::scenario {

// A published figure; low == high unless a range was published.
struct Published {
  double low = 0, high = 0;
};

struct Scenario {
  std::string question;
  std::string start;  // local date and time of instant 0, with its offset: 2025-02-27T12:00:00+08:00
  std::string time_zone;         // IANA name
  std::int64_t first_minute = 0; // local minute of the day at instant 0
  Duration window{24 * kNsPerHour};
  Duration warm_up{kNsPerHour / 2};
  std::uint64_t seed = 1;
  std::uint32_t replication = 0;  // all draws anew, but for the popularity of experts: that is the seed's

  catalog::Llm llm;
  catalog::NodeType node;
  workload::Workload workload;
  fleet::Fleet fleet;
  finance::Terms terms;
  std::optional<metrics::Slos> slos;
  std::optional<Planning> planning;  // "plan"; with it, "fleet.schedule" may be left out
  std::optional<LayoutAxes> layouts;  // "layouts"
  Uncertainty uncertainty;
  std::map<std::string, Published> published;  // by summary key
  std::string published_source;

  std::string effective;   // canonical text, defaults written back
  std::string standalone;  // the same with the names of files made absolute, as a result keeps it
};

// Throws InputError with every mistake of the file.
Scenario read(const config::Document& document);
// When a trace is over, if nobody comes for more than a twentieth of the window then.
std::optional<Instant> trace_over(const Scenario& scenario);
// Fails: throws InputError where the scenario is to be planned first: no "fleet.schedule".
void require_schedule(const Scenario& scenario);

}  // namespace tideline::scenario
