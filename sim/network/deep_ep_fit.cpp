#include <fmt/format.h>

#include <string_view>

#include "sim/base/error.h"
#include "sim/config/node.h"
#include "sim/network/deep_ep.h"
#include "sim/network/fitted_file.h"

namespace tideline::network {
namespace {

using config::Node;

// A share of a rate on paper: above 0.
double share(const Node& node, std::string_view key) {
  const double value = node.number(key);
  if (value > 0.0) return value;
  node.problem(key, "wants a share above 0");
  return 1.0;
}

// Slow-down beside compute, of the closed form's fit: the same trace, the same kernels.
double beside_compute(const Node& normal, std::string_view kernel) {
  const Node fitted = normal.object(kernel), beside = fitted.object("beside_compute");
  const double factor = beside.number("factor");
  beside.ignore_rest(), fitted.ignore_rest();
  return factor;
}

}  // namespace

DeepEpFit load_deep_ep_fit(const std::string& node, const std::string& version) {
  const FittedFile file = find_fitted(node);
  const config::Document document = config::Document::load(file.path);
  const Node root = document.root(), fitted = root.object("deep_ep");
  const Node low = fitted.object("low_latency"), normal = fitted.object("normal");
  const Node versions = normal.object("versions"), chosen = versions.object(version);
  const auto us = [](const Node& from, std::string_view key) { return Seconds(from.number(key) * 1e-6); };
  const Node closed_form = root.object("normal");
  DeepEpFit fit;
  fit.measured_on = file.node;
  fit.dispatch = {us(low, "dispatch_start_us"), us(normal, "dispatch_start_us"),
                  beside_compute(closed_form, "dispatch")};
  fit.combine = {us(low, "combine_start_us"), us(normal, "combine_start_us"),
                 beside_compute(closed_form, "combine")};
  fit.nvlink_usable = share(fitted, "nvlink_usable");
  fit.low_latency_efficiency = share(low, "efficiency");
  fit.low_latency_sigma = low.number("sigma");
  fit.normal_efficiency = share(chosen, "efficiency");
  fit.staging = chosen.number("staging");
  fit.normal_sigma = chosen.number("sigma");
  root.ignore_rest();
  document.finish();
  return fit;
}

}  // namespace tideline::network
