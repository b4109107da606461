#include "sim/network/deep_ep.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "sim/base/check.h"

namespace tideline::network {
namespace {

std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

// The largest load[i] * per_byte[i], and where.
std::pair<double, int> busiest(const std::vector<double>& load, const std::vector<double>& per_byte) {
  std::pair<double, int> most{0.0, -1};
  for (std::size_t i = 0; i < load.size(); ++i)
    most = std::max(most, {load[i] * per_byte[i], static_cast<int>(i)},
                    [](const auto& a, const auto& b) { return a.first < b.first; });
  return most;
}

}  // namespace

// Seconds of one exchange on every kind of port, per load.
struct DeepEp::Ports {
  const ExchangeLoad& load;
  const DeepEp& net;
  double scale;    // bytes a copy over efficiency
  double staging;  // bytes a copy over the staging rate
  double uplinks;  // the busiest one

  Ports(const DeepEp& n, const ExchangeLoad& l, double bytes)
      : load(l),
        net(n),
        scale(bytes / (l.mode == Mode::kNormal ? n.fit_.normal_efficiency : n.fit_.low_latency_efficiency)),
        staging(l.staged.empty() ? 0.0 : bytes * n.staging_),
        uplinks(scale *
                std::max(busiest(l.leaf_up, n.leaf_up_).first, busiest(l.leaf_down, n.leaf_down_).first)) {}
  [[nodiscard]] double nic_out(std::size_t g) const { return load.nic_out[g] * net.nic_out_[g] * scale; }
  [[nodiscard]] double nic_in(std::size_t g) const { return load.nic_in[g] * net.nic_in_[g] * scale; }
  [[nodiscard]] double nvlink_out(std::size_t g) const { return load.nvlink_out[g] * net.nvlink_ * scale; }
  [[nodiscard]] double nvlink_in(std::size_t g) const { return load.nvlink_in[g] * net.nvlink_ * scale; }
  [[nodiscard]] double staged(std::size_t g) const { return staging > 0.0 ? load.staged[g] * staging : 0.0; }
};

DeepEp::DeepEp(Topology topology, DeepEpFit fit) : topology_(std::move(topology)), fit_(std::move(fit)) {
  const auto per_byte = [&](int link) { return 1.0 / topology_.links()[at(link)].capacity_Bps; };
  for (int g = 0; g < topology_.gpus(); ++g) {
    // A NIC is no faster than its PCIe.
    nic_out_.push_back(std::max(per_byte(Topology::nic_out(g)), per_byte(Topology::pcie_out(g))));
    nic_in_.push_back(std::max(per_byte(Topology::nic_in(g)), per_byte(Topology::pcie_in(g))));
  }
  for (int leaf = 0; leaf < topology_.leaves(); ++leaf)
    leaf_up_.push_back(per_byte(topology_.leaf_up(leaf))),
        leaf_down_.push_back(per_byte(topology_.leaf_down(leaf)));
  nvlink_ = per_byte(Topology::nvlink_out(0)) / fit_.nvlink_usable;
  // Staging is by SMs: a degraded NIC does not slow it.
  if (fit_.staging > 0.0) staging_ = *std::ranges::min_element(nic_out_) / fit_.staging;
}

void DeepEp::times(const ExchangeLoad& load, Kernel kernel, double bytes_per_copy, bool beside_compute,
                   std::span<const double> ready_s, ExchangeTimes& out) const {
  CHECK(load.backwards == (kernel == Kernel::kCombine), "combine is dispatch reversed, and nothing else is");
  CHECK(load.nic_out.size() == at(topology_.gpus()), "a load of {} GPUs", load.nic_out.size());
  CHECK(ready_s.empty() || ready_s.size() == load.nic_out.size(), "{} GPUs ready", ready_s.size());
  const std::size_t gpus = load.nic_out.size();
  out.sent_s.assign(gpus, 0.0), out.arrived_s.assign(gpus, 0.0), out.done_s = 0.0;
  const auto ready = [&](std::size_t g) { return ready_s.empty() ? 0.0 : ready_s[g]; };
  if (gpus == 1) {
    out.sent_s[0] = out.arrived_s[0] = out.done_s = ready(0);
    return;
  }
  const bool normal = load.mode == Mode::kNormal;
  const KernelFit& fit = kernel == Kernel::kDispatch ? fit_.dispatch : fit_.combine;
  const double slow = normal && beside_compute ? fit.beside_compute : 1.0;
  const double start =
      slow *
      ((normal ? fit.normal_start : fit.low_latency_start) + topology_.latency_max(load.over_nics)).value();
  const Ports port(*this, load, slow * bytes_per_copy);
  double first = ready(0), last_sender = 0.0;
  for (std::size_t g = 0; g < gpus; ++g) {
    first = std::min(first, ready(g));
    const double nic = port.nic_out(g), nvlink = port.nvlink_out(g);
    out.sent_s[g] = ready(g) + start + std::max({nic, nvlink, port.staged(g), port.uplinks});
    // The ports a message leaves by first: what forwarders add comes below.
    const double leaves_by = !normal                             ? std::max(nic, nvlink)
                             : load.backwards || !load.over_nics ? nvlink
                                                                 : nic;
    last_sender = std::max(last_sender, ready(g) + start + leaves_by);
  }
  last_sender = std::max(last_sender, first + start + port.uplinks);
  // Forwarders: of the own node in dispatch, of the own rail in combine.
  std::vector<double> forwarded;
  const bool forwards = normal && load.over_nics;
  const auto via = [&](std::size_t g) {
    const int gpu = static_cast<int>(g);
    return at(load.backwards ? topology_.rail_of(gpu) : topology_.node_of(gpu));
  };
  if (forwards) {
    forwarded.assign(at(load.backwards ? topology_.gpus_per_node() : topology_.nodes()), 0.0);
    for (std::size_t g = 0; g < gpus; ++g) {
      const double work = load.backwards ? std::max({port.nvlink_in(g), port.staged(g), port.nic_out(g)})
                                         : std::max({port.nic_in(g), port.staged(g), port.nvlink_out(g)});
      forwarded[via(g)] = std::max(forwarded[via(g)], first + start + work);
    }
  }
  for (std::size_t g = 0; g < gpus; ++g) {
    const double own = first + start + std::max({port.nic_in(g), port.nvlink_in(g), port.staged(g)});
    out.arrived_s[g] = std::max({own, last_sender, forwards ? forwarded[via(g)] : 0.0});
    out.done_s = std::max({out.done_s, out.sent_s[g], out.arrived_s[g]});
  }
}

Seconds DeepEp::makespan(const ExchangeLoad& load, Kernel kernel, double bytes, bool beside_compute) const {
  ExchangeTimes out;
  times(load, kernel, bytes, beside_compute, {}, out);
  return Seconds(out.done_s);
}

Bottleneck DeepEp::bottleneck(const ExchangeLoad& load) const {
  constexpr double kAlike = 1e-6;
  const Ports port(*this, load, 1.0);
  Bottleneck most{"start-up", 0};
  double longest = 0.0;
  const auto consider = [&](double time, const auto& name) {
    if (time > longest * (1.0 + kAlike))
      most = {name(), 0}, longest = time;
    else if (time > 0.0 && time >= longest * (1.0 - kAlike))
      ++most.alike;
  };
  const auto link = [&](int number) { return [this, number] { return topology_.link_name(number); }; };
  for (int g = 0; g < topology_.gpus(); ++g) {
    consider(port.nic_out(at(g)), link(Topology::nic_out(g)));
    consider(port.nic_in(at(g)), link(Topology::nic_in(g)));
    consider(port.nvlink_out(at(g)), link(Topology::nvlink_out(g)));
    consider(port.nvlink_in(at(g)), link(Topology::nvlink_in(g)));
    consider(port.staged(at(g)), [g] { return "staging of GPU " + std::to_string(g); });
  }
  for (std::size_t leaf = 0; leaf < load.leaf_up.size(); ++leaf) {
    const int l = static_cast<int>(leaf);
    consider(load.leaf_up[leaf] * leaf_up_[leaf] * port.scale, link(topology_.leaf_up(l)));
    consider(load.leaf_down[leaf] * leaf_down_[leaf] * port.scale, link(topology_.leaf_down(l)));
  }
  return most;
}

}  // namespace tideline::network
