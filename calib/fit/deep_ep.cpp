#include "calib/fit/deep_ep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "calib/fit/line.h"
#include "calib/fit/residuals.h"
#include "calib/fit/table.h"
#include "sim/catalog/hardware.h"
#include "sim/network/deep_ep_bench.h"
#include "sim/network/efficiency.h"
#include "sim/network/routing.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;
using network::DeepEp;
using network::DeepEpFit;
using network::Topology;

constexpr double kNvlinkUsable = 0.8;  // DeepEP README: H800's NVLink has "~160 GB/s" of 200 at most
constexpr std::string_view kLinkBound = "v1-2025-04", kStagingBound = "v1-2025-02";

Topology topology(std::string_view node, double gpus) {
  return {catalog::load_node(std::string(node)), catalog::load_fabric("rail-optimised-400g"),
          static_cast<std::int64_t>(gpus)};
}

// One published time: what the model needs on the wire at an efficiency (or staging share) of 1, and beside
// it.
struct Row {
  Json id;
  double published_us, start_us;
  double scaled_us;       // divided by the share that is fitted
  double fixed_us = 0.0;  // not less than this
  [[nodiscard]] double at(double share) const { return start_us + std::max(scaled_us / share, fixed_us); }
};

// The share with the smallest largest |ln error|: unimodal, because every row falls with the share.
double fit_share(const std::vector<Row>& rows) {
  const auto worst = [&](double log_share) {
    double most = 0.0;
    for (const Row& r : rows)
      most = std::max(most, std::abs(std::log(r.at(std::exp(log_share)) / r.published_us)));
    return most;
  };
  double low = std::log(0.2), high = std::log(2.0);
  for (int i = 0; i < 100; ++i) {
    const double a = low + (high - low) / 3.0, b = high - (high - low) / 3.0;
    (worst(a) <= worst(b) ? high : low) = worst(a) <= worst(b) ? b : a;
  }
  return rounded(std::exp((low + high) / 2.0));
}

Residuals residuals_of(const std::vector<Row>& rows, double share) {
  Residuals out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.add(rows[i].id, rows[i].published_us, rows[i].at(share), rows[i].at(fit_share(without(rows, i))));
  return out;
}

double us(Seconds time) {
  return time.value() * 1e6;
}

// A published row of one kernel; `bench`: what the model says at a share of 1.
Row row(std::string_view version, std::string_view kernel, double gpus, double published, double start,
        double bench, double fixed = 0.0) {
  return {{{"version", version}, {"kernel", kernel}, {"gpus", gpus}},
          published,
          start,
          bench - start,
          std::max(0.0, fixed - start)};
}

std::vector<Row> low_latency_rows(const Table& table, const DeepEpFit& at_one) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double gpus = table.positive(i, "gpus");
    const std::string& version = table.text(i, "version");
    const bool nvlink = version == "nvlink-in-node";
    const DeepEp net(topology("h800-8", gpus), at_one);
    const auto bench =
        network::low_latency_bench(net, static_cast<std::int64_t>(table.positive(i, "tokens")), nvlink);
    const double route = us(net.topology().latency_max(!nvlink || net.topology().nodes() > 1));
    rows.push_back(row(version, "dispatch", gpus, table.positive(i, "dispatch_us"),
                       us(at_one.dispatch.low_latency_start) + route, us(bench.dispatch)));
    rows.push_back(row(version, "combine", gpus, table.positive(i, "combine_us"),
                       us(at_one.combine.low_latency_start) + route, us(bench.combine)));
  }
  return rows;
}

// Published in GB/s, every copy counted. `fit` has the share in question at 1; `fixed`: without staging, or
// null.
std::vector<Row> normal_rows(const Table& table, std::string_view version, const DeepEpFit& fit,
                             const DeepEpFit* fixed) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const bool inside = table.text(i, "link") == "nvlink";  // measured once, the same in both versions
    if (inside ? fixed != nullptr : table.text(i, "version") != version) continue;
    const double gpus = table.positive(i, "gpus"), tokens = table.positive(i, "tokens");
    const DeepEp net(topology("h800-8", gpus), fit);
    const auto bench = network::normal_bench(net, static_cast<std::int64_t>(tokens));
    network::BenchTimes least;
    if (fixed) least = network::normal_bench({net.topology(), *fixed}, static_cast<std::int64_t>(tokens));
    // Inside a node a copy is one to a GPU: 5.25 of 8, as drawn.
    const double copies =
        tokens * (inside ? network::nodes_per_token(256, 1, 1, 8, 8) : table.positive(i, "nodes_per_token"));
    const double route = us(net.topology().latency_max(!inside));
    rows.push_back(row(version, "dispatch", gpus,
                       copies * network::dispatch_bytes(7168) / table.positive(i, "dispatch_gbps") * 1e-3,
                       us(fit.dispatch.normal_start) + route, us(bench.dispatch), us(least.dispatch)));
    rows.push_back(row(version, "combine", gpus,
                       copies * network::combine_bytes(7168) / table.positive(i, "combine_gbps") * 1e-3,
                       us(fit.combine.normal_start) + route, us(bench.combine), us(least.combine)));
  }
  return rows;
}

// Start-up time of the software: the intercept of a token sweep, less the latency of the sweep's longest
// route.
double normal_start_us(const Table& sweep, std::string_view column) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < sweep.rows(); ++i)
    points.push_back({sweep.positive(i, "tokens"), sweep.positive(i, std::string(column))});
  return rounded(fit_line(points).start_us - us(topology("h100-8", 32).latency_max(true)));
}

// The token sweep of H100 hosts, one node and eight, by the fit of H800: nothing is fitted to it but the
// start-up.
Json compared(const Table& sweep, const DeepEpFit& fit) {
  Json out = Json::array();
  for (std::size_t i = 0; i < sweep.rows(); ++i) {
    const double gpus = sweep.positive(i, "gpus"), tokens = sweep.positive(i, "tokens");
    if (tokens != 32.0 && tokens != 128.0 && tokens != 256.0) continue;
    const DeepEp net(topology("h100-8", gpus), fit);
    const auto bench = network::low_latency_bench(net, static_cast<std::int64_t>(tokens), true);
    for (const auto& [kernel, time] :
         {std::pair{"dispatch", bench.dispatch}, std::pair{"combine", bench.combine}}) {
      const double published = sweep.positive(i, fmt::format("{}_us", kernel));
      out.push_back({{"host", "h100"},
                     {"kernel", kernel},
                     {"gpus", gpus},
                     {"tokens", tokens},
                     {"published_us", published},
                     {"fitted_us", rounded(us(time))},
                     {"residual", log_residual(us(time), published)}});
    }
  }
  return out;
}

constexpr std::string_view kAssumedStarts =
    "assumed: start-up times are those of the token sweeps on H100 hosts (low latency 64 GPUs, normal 32), "
    "less "
    "the latency of the route; ranges: low latency as in \"low_latency\" above, normal 25 to 60 us";

}  // namespace

Json fit_deep_ep(const std::string& folder, const Json& closed_form) {
  const auto table = [&](std::string_view name) {
    return Table::load(fmt::format("{}/deepep_{}.csv", folder, name));
  };
  const Table low_rows = table("low_latency"), low_sweep = table("low_latency_tokens"),
              normal = table("normal"), normal_sweep = table("normal_tokens");
  const double route = us(topology("h100-8", 64).latency_max(true));
  Json starts;
  for (const char* kernel : {"dispatch", "combine"}) {
    starts["low_latency"][kernel] = rounded(closed_form[kernel]["start_us"].get<double>() - route);
    starts["normal"][kernel] = normal_start_us(normal_sweep, fmt::format("{}_us", kernel));
  }
  DeepEpFit fit;
  fit.nvlink_usable = kNvlinkUsable;
  const auto seconds = [&](const char* mode, const char* kernel) {
    return Seconds(starts[mode][kernel].get<double>() * 1e-6);
  };
  fit.dispatch = {seconds("low_latency", "dispatch"), seconds("normal", "dispatch")};
  fit.combine = {seconds("low_latency", "combine"), seconds("normal", "combine")};

  const std::vector<Row> low = low_latency_rows(low_rows, fit);
  const double low_efficiency = fit_share(low);
  const Residuals low_residuals = residuals_of(low, low_efficiency);

  const std::vector<Row> april = normal_rows(normal, kLinkBound, fit, nullptr);
  const double efficiency = fit_share(april);
  const Residuals april_residuals = residuals_of(april, efficiency);

  // February: links as in April, and the rate of staging, which is all that is fitted.
  DeepEpFit staged = fit, links = fit;
  links.normal_efficiency = efficiency;
  staged.normal_efficiency = 1e3, staged.staging = 1.0;
  const std::vector<Row> february = normal_rows(normal, kStagingBound, staged, &links);
  const double staging = fit_share(february);
  const Residuals february_residuals = residuals_of(february, staging);

  fit.low_latency_efficiency = low_efficiency;
  const auto version = [](double efficient, double stage, const Residuals& r) {
    return Json{{"efficiency", efficient},
                {"staging", stage},
                {"sigma", rounded(r.rms_left_out())},
                {"errors", r.rows()}};
  };
  return {{"source",
           "deepep_low_latency.csv (all rows, both versions) and deepep_normal.csv; what each GPU sends is "
           "drawn or "
           "counted as DeepEP's tests do; NVLink usable: DeepEP README, 160 of 200 GB/s"},
          {"assumed", kAssumedStarts},
          {"nvlink_usable", kNvlinkUsable},
          {"low_latency",
           {{"dispatch_start_us", starts["low_latency"]["dispatch"]},
            {"combine_start_us", starts["low_latency"]["combine"]},
            {"efficiency", low_efficiency},
            {"sigma", rounded(low_residuals.rms_left_out())},
            {"errors", low_residuals.rows()}}},
          {"normal",
           {{"dispatch_start_us", starts["normal"]["dispatch"]},
            {"combine_start_us", starts["normal"]["combine"]},
            {"versions",
             {{kStagingBound, version(efficiency, staging, february_residuals)},
              {kLinkBound, version(efficiency, 0.0, april_residuals)}}}}},
          {"compared", compared(low_sweep, fit)}};
}

}  // namespace tideline::calib
