#include "sim/network/all_to_all.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/base/check.h"
#include "sim/config/node.h"
#include "sim/network/efficiency.h"
#include "sim/network/fitted_file.h"

namespace tideline::network {
namespace {

struct LowLatency {
  Seconds start, start_low, start_high;
  EfficiencyBySize efficiency;  // by GPUs
};

struct Normal {
  EfficiencyBySize efficiency;  // by nodes
  double nvlink_efficiency = 0.0;
  double beside_compute = 1.0, beside_compute_sigma = 0.0;
};

}  // namespace

struct AllToAll::Fitted {
  BytesPerSecond nic, nvlink;
  double gpus_per_node = 0.0;
  LowLatency low_latency_dispatch, low_latency_combine;
  double low_latency_tokens = 0.0, low_latency_sigma = 0.0;  // the token count of the table, and its error
  Normal normal_dispatch, normal_combine;
  double normal_sigma = 0.0;
};

namespace {

EfficiencyBySize read_efficiency(const config::Node& node, std::string_view sizes_key) {
  std::vector<double> sizes = node.numbers(sizes_key), efficiencies = node.numbers("efficiency");
  const auto not_rising = [](double a, double b) { return a >= b; };
  const bool rising = std::adjacent_find(sizes.begin(), sizes.end(), not_rising) == sizes.end();
  const bool positive = std::ranges::all_of(efficiencies, [](double e) { return e > 0.0; });
  if (!sizes.empty() && sizes.size() == efficiencies.size() && rising && positive)
    return {std::move(sizes), std::move(efficiencies)};
  node.problem("efficiency", "wants one efficiency above 0 for each size, and sizes that rise");
  return {{1.0}, {1.0}};
}

LowLatency read_low_latency(const config::Node& node) {
  const auto us = [&](std::string_view key) { return Seconds(node.number(key) * 1e-6); };
  return {us("start_us"), us("start_low_us"), us("start_high_us"), read_efficiency(node, "gpus")};
}

Normal read_normal(const config::Node& node) {
  const config::Node beside = node.object("beside_compute");
  const Normal out{read_efficiency(node, "nodes"), node.number("nvlink_efficiency"), beside.number("factor"),
                   beside.number("sigma")};
  beside.ignore_rest();
  return out;
}

// The whole start-up range, taken as uniform, as a share of the time. Efficiencies hold the published time at
// `known_tokens` whatever the start-up time is, so that an error in it counts only away from there.
double start_sigma(const LowLatency& f, Seconds time, double tokens, double known_tokens) {
  const Seconds sd = (f.start_high - f.start_low) / std::sqrt(12.0);
  return std::abs(1.0 - tokens / known_tokens) * (sd / std::max(time, sd));
}

}  // namespace

AllToAll AllToAll::load(const catalog::NodeType& node) {
  const config::Document document = config::Document::load(find_fitted(node.name).path);
  const config::Node root = document.root();
  for (const std::string_view key : {"about", "compared", "deep_ep"}) root.ignore(key);
  const config::Node low = root.object("low_latency"), normal = root.object("normal");
  for (const config::Node& mode : {low, normal})
    for (const std::string_view key : {"source", "assumed", "errors"}) mode.ignore(key);
  low.ignore("sweep");
  AllToAll out;
  out.fitted_ =
      std::make_shared<const Fitted>(Fitted{.nic = node.nic,
                                            .nvlink = node.nvlink,
                                            .gpus_per_node = static_cast<double>(node.gpus),
                                            .low_latency_dispatch = read_low_latency(low.object("dispatch")),
                                            .low_latency_combine = read_low_latency(low.object("combine")),
                                            .low_latency_tokens = low.number("tokens"),
                                            .low_latency_sigma = low.number("sigma"),
                                            .normal_dispatch = read_normal(normal.object("dispatch")),
                                            .normal_combine = read_normal(normal.object("combine")),
                                            .normal_sigma = normal.number("sigma")});
  document.finish();
  return out;
}

AllToAllTime AllToAll::low_latency(const AllToAllLoad& load) const {
  if (load.gpus <= 1) return {};
  const auto gpus = static_cast<double>(load.gpus), hidden = static_cast<double>(load.hidden);
  const double messages = load.tokens * static_cast<double>(load.experts_per_token) * remote_share(gpus);
  const auto time = [&](const LowLatency& f, double bytes) {
    return f.start + Bytes(messages * bytes) / (fitted_->nic * f.efficiency.at(gpus));
  };
  AllToAllTime out{.dispatch = time(fitted_->low_latency_dispatch, dispatch_bytes(hidden)),
                   .combine = time(fitted_->low_latency_combine, combine_bytes(hidden))};
  const double known = fitted_->low_latency_tokens;
  out.sigma =
      std::hypot(fitted_->low_latency_sigma,
                 std::max(start_sigma(fitted_->low_latency_dispatch, out.dispatch, load.tokens, known),
                          start_sigma(fitted_->low_latency_combine, out.combine, load.tokens, known)));
  return out;
}

AllToAllTime AllToAll::normal(const AllToAllLoad& load) const {
  if (load.gpus <= 1) return {};
  const auto gpus = static_cast<double>(load.gpus), hidden = static_cast<double>(load.hidden);
  const double drawn =
      gpus * (1.0 - std::pow(remote_share(gpus), static_cast<double>(load.experts_per_token)));
  const double gpus_per_token = load.gpus_per_token > 0.0 ? load.gpus_per_token : drawn;
  const double nodes = std::ceil(gpus / fitted_->gpus_per_node);
  CHECK(nodes <= 1.0 || load.nodes_per_token > 0.0, "an exchange over {} nodes with no destination", nodes);
  const double copies = load.tokens * (nodes > 1.0 ? load.nodes_per_token : gpus_per_token);
  const auto time = [&](const Normal& f, double bytes) {
    const BytesPerSecond rate =
        nodes > 1.0 ? fitted_->nic * f.efficiency.at(nodes) : fitted_->nvlink * f.nvlink_efficiency;
    return Bytes(copies * bytes) / rate * (load.beside_compute ? f.beside_compute : 1.0);
  };
  const double beside =
      std::max(fitted_->normal_dispatch.beside_compute_sigma, fitted_->normal_combine.beside_compute_sigma);
  return {.dispatch = time(fitted_->normal_dispatch, dispatch_bytes(hidden)),
          .combine = time(fitted_->normal_combine, combine_bytes(hidden)),
          .sigma = std::hypot(fitted_->normal_sigma, load.beside_compute ? beside : 0.0)};
}

}  // namespace tideline::network
