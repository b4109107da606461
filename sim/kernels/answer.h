// What a kernel model answers: a time, how far it may be off, and what it stands on.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/base/units.h"

namespace tideline::kernels {

// In the order of trust.
enum class Provenance : std::uint8_t {
  kMeasured,      // this very shape
  kInterpolated,  // between measured shapes of this kernel
  kNeighbours,    // from other shapes of the same family of kernels
  kExtrapolated,  // beyond what was measured of this kernel
  kTransferred,   // nothing on this GPU: from the same kernels on another of its SM architecture
  kRoofline,      // the correction led below the roofline
  kAssumed,       // a backbone with no measurement near
};

constexpr std::string_view to_string(Provenance p) {
  switch (p) {
    case Provenance::kMeasured:
      return "measured";
    case Provenance::kInterpolated:
      return "interpolated";
    case Provenance::kNeighbours:
      return "neighbours";
    case Provenance::kExtrapolated:
      return "extrapolated";
    case Provenance::kTransferred:
      return "transferred";
    case Provenance::kRoofline:
      return "roofline";
    case Provenance::kAssumed:
      return "assumed";
  }
  return "";
}

struct Answer {
  Seconds time;
  double sigma = 0.0;  // standard deviation of ln(time), what the whole family shares included
  Provenance provenance = Provenance::kAssumed;
  Seconds roofline;  // max(flop / peak, bytes / bandwidth) of the same work
};

}  // namespace tideline::kernels
