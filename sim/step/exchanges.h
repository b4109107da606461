// The all-to-alls of a unit as its step simulation needs them: when each GPU is done with a dispatch or a
// combine, given when each came to it and where the tokens go. Two models of the same published tables:
//
//   fitted   a GPU's share takes what DeepEP's table says of as many tokens, at the efficiency of its
//            size; the table's own luck of the draw is in it, so that drawn loads count some of it twice
//   counted  every port carries what the traffic puts on it, at one efficiency a mode: any node, degraded
//            NICs and oversubscribed spines too (sim/network/deep_ep.h)
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sim/network/all_to_all.h"
#include "sim/network/deep_ep.h"
#include "sim/step/rank_load.h"
#include "sim/step/unit.h"

namespace tideline::step {

// The unit's network, with the all-to-alls counted on it. Fails: as load_deep_ep_fit().
network::DeepEp counted_network(const Unit& unit);

// What a micro-batch exchanges in a layer.
struct Exchange {
  // By GPU: what its link carries of its own tokens, and of what comes for its experts; in tokens of a GPU
  // where all send as many, evenly.
  std::vector<double> tokens, experts;
  network::ExchangeLoad ports;  // counted: of a dispatch; a combine carries it backwards
};

class Exchanges {
 public:
  // Decode units exchange in the low-latency mode, prefill units in the normal one.
  explicit Exchanges(const Unit& unit);

  [[nodiscard]] Exchange exchange(std::span<const double> tokens, const ExpertTraffic& traffic) const;
  // Seconds by GPU, from the zero of `ready_s`: when its part is over, sent and arrived.
  void ends(const Exchange& exchange, bool combine, std::span<const double> ready_s,
            std::vector<double>& end_s) const;
  // Of one that takes every GPU `tokens`, evenly: how long it is.
  [[nodiscard]] Seconds balanced(double tokens, bool combine) const {
    const Rate& rate = combine ? combine_ : dispatch_;
    return Seconds(rate.start_s + rate.per_token_s * tokens);
  }
  // Of ln(time): of the fit, in the rows that were left out of it.
  [[nodiscard]] double sigma() const { return sigma_; }
  // The port that decides how long it takes; nothing where exchanges are fitted and have no ports.
  [[nodiscard]] std::optional<network::Bottleneck> bottleneck(const Exchange& exchange, bool combine) const;

 private:
  struct Rate {
    double start_s = 0, per_token_s = 0;
  };
  // Every GPU sends `tokens` and bears as many, every node as many as the others.
  [[nodiscard]] network::AllToAllTime counted_time(const Unit& unit, double tokens) const;
  [[nodiscard]] network::AllToAllTime fitted_time(const Unit& unit, double tokens) const;
  void fitted_loads(Exchange& exchange, const ExpertTraffic& traffic) const;
  void ends_fitted(const Exchange& exchange, bool combine, std::span<const double> ready_s,
                   std::vector<double>& end_s) const;
  void ends_counted(const Exchange& exchange, bool combine, std::span<const double> ready_s,
                    std::vector<double>& end_s) const;

  bool low_latency_, nvlink_in_node_;
  struct {
    bool dispatch = false, combine = false;
  } beside_compute_;
  std::size_t gpus_per_node_;
  // Of a token, experts in order.
  double experts_per_token_, nodes_per_token_, gpus_per_token_;
  double sigma_ = 0;
  Rate dispatch_, combine_;  // of balanced exchanges; fitted ones have no others
  std::optional<network::DeepEp> counted_;
  double dispatch_bytes_ = 0, combine_bytes_ = 0;
  mutable network::ExchangeTimes times_;  // a buffer
};

}  // namespace tideline::step
