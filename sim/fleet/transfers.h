// The NICs over which KV caches travel: one of each GPU. A NIC carries caches in the order in which they were
// sent, at what its all-to-alls leave of its rate; a cache is complete when the later of its two NICs has
// carried it (its pages do not wait for one another between the two).
//
// 1. A NIC sends and receives at full rate at once: what a prefill node reads from storage comes in while
//    caches go out, so that the two do not meet. All-to-alls go both ways and come before either.
// 2. A transfer costs O(1).
#pragma once

#include <cstddef>
#include <vector>

#include "sim/fleet/fleet.h"
#include "sim/fleet/handed.h"

namespace tideline::fleet {

// At which a node of a prefill unit reads cached prefixes, by node. Over shared NICs a prefix is spread
// evenly over those of the node's GPUs, and is there when the slowest of them has its part.
std::vector<BytesPerSecond> read_rates(const Fleet& fleet);

class Transfers {
 public:
  explicit Transfers(const Fleet& fleet);

  // A cache of so many tokens goes from its origin to a rank of a decode unit. `waited`: for a rank, so that
  // nothing of it was sent before now. Returns when it is complete. REQUIRES: `now` never before an earlier
  // one.
  Instant send(const Origin& origin, double tokens, bool waited, std::size_t unit, std::size_t rank,
               Instant now);

 private:
  // Of one kind of unit: when each NIC has carried what was given to it, and what it carries in what time.
  struct Nics {
    std::vector<Instant> free;         // [unit * GPUs + GPU]; grows with the units
    std::vector<double> ns_per_token;  // by GPU of a unit
    Instant carry(std::size_t unit, std::size_t gpu, double tokens, Instant from);
  };
  [[nodiscard]] static Nics nics(const Fleet& fleet, const step::Unit& unit, double exchange_share);

  bool layer_wise_;
  double last_layer_;  // share of a cache
  Nics prefill_out_, decode_in_, decode_out_;
};

}  // namespace tideline::fleet
