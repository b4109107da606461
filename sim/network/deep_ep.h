// When is each GPU done with an all-to-all of DeepEP? From what it puts on the ports (exchange_load.h), the
// rates of the links, a start-up time and one efficiency a mode.
//
//   t(port) = copies * bytes / (rate * efficiency)
//   sent    = ready + start + the longest of the GPU's ports on its side
//   arrived = first ready + start + t(own ports), and not before those it depends on have sent
//
// Low latency: a GPU hears from every other (a count follows the messages), so it waits for the slowest
// sender. Normal: it waits for the slowest NIC of all senders, and for the forwarding by the GPUs of its
// node; backwards for the slowest NVLink, and for the GPUs of its rail. Stages stream in chunks: the slowest
// decides, they do not add up. Senders work through their tokens in order, to all peers in turn, so that
// flows advance in proportion to their size: with that sharing the busiest link decides exactly, and no flow
// simulation is needed, on a degraded rail (a slower port) and behind an oversubscribed leaf (its uplink)
// neither. Max-min sharing agrees within 2 % (tests/closed_form/exchange_test.cpp).
//
// Fitted: calib/fitted/<node>.json, "deep_ep"; errors: sim/network/README.md. Not in these times: barriers
// and the exchange of the layout (30 to 200 us in normal mode), the memory traffic of the GPU.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/network/exchange_load.h"
#include "sim/network/topology.h"

namespace tideline::network {

enum class Kernel { kDispatch, kCombine };

struct KernelFit {
  Seconds low_latency_start, normal_start;  // software alone: the route's latency comes on top
  double beside_compute = 1.0;              // normal mode's time beside compute kernels, over alone
};

struct DeepEpFit {
  KernelFit dispatch, combine;
  double nvlink_usable = 1.0;  // share of NVLink's rate on paper that copies by SMs can use
  double low_latency_efficiency = 1.0, normal_efficiency = 1.0;  // of NIC, usable NVLink and uplinks
  // Share of the NIC's rate at which a GPU stages copies, its own node's among them; 0: no limit. The library
  // of February 2025 is bound by it, the one of April 2025 not.
  double staging = 0.0;
  double low_latency_sigma = 0.0, normal_sigma = 0.0;  // of ln(time): rms over rows left out of the fit
  std::string measured_on{};                           // the node it was fitted to
};

// `version`: "v1-2025-02" or "v1-2025-04", of normal mode. Efficiencies are shares of rates on paper: a node
// that nobody measured takes those of h800-8, as `measured_on` says. Fails: throws InputError with the
// mistake in the file.
DeepEpFit load_deep_ep_fit(const std::string& node, const std::string& version);

struct ExchangeTimes {
  // By GPU, since the zero of `ready`: its last byte has left; all that it waits for has arrived.
  std::vector<double> sent_s, arrived_s;
  double done_s = 0.0;  // the latest of all
};

struct Bottleneck {
  std::string port;  // "NIC of GPU 9, in", "staging of GPU 0", "leaf 3, up"; the first of equal ones
  int alike = 0;     // how many others take as long, to a part in a million
};

class DeepEp {
 public:
  // Cost: O(gpus).
  DeepEp(Topology topology, DeepEpFit fit);

  // Shapes: `ready_s` by GPU, or empty: all at 0. `load` of this topology, as dispatch sees it or reversed().
  // REQUIRES: combine has a load that is backwards, dispatch one that is not. Cost: O(gpus).
  void times(const ExchangeLoad& load, Kernel kernel, double bytes_per_copy, bool beside_compute,
             std::span<const double> ready_s, ExchangeTimes& out) const;
  // The latest GPU's, all ready at 0.
  [[nodiscard]] Seconds makespan(const ExchangeLoad& load, Kernel kernel, double bytes_per_copy,
                                 bool beside_compute = false) const;
  // What decides the makespan.
  [[nodiscard]] Bottleneck bottleneck(const ExchangeLoad& load) const;

  [[nodiscard]] const Topology& topology() const { return topology_; }
  [[nodiscard]] const DeepEpFit& fit() const { return fit_; }

 private:
  struct Ports;
  Topology topology_;
  DeepEpFit fit_;
  std::vector<double> nic_out_, nic_in_, leaf_up_, leaf_down_;  // seconds a byte, on paper
  double nvlink_ = 0.0, staging_ = 0.0;                         // NVLink: of what is usable
};

}  // namespace tideline::network
