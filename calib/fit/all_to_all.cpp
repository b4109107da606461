#include "calib/fit/all_to_all.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calib/fit/deep_ep.h"
#include "calib/fit/line.h"
#include "calib/fit/residuals.h"
#include "calib/fit/table.h"
#include "sim/base/error.h"
#include "sim/catalog/hardware.h"
#include "sim/network/efficiency.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;
using network::EfficiencyBySize;

constexpr std::string_view kNode = "h800-8";  // efficiencies are shares of its NIC and NVLink rates on paper
constexpr std::string_view kLowLatencyFitted = "rdma", kLowLatencyCompared = "nvlink-in-node";
constexpr std::string_view kNormalFitted = "v1-2025-02";
constexpr std::array<std::string_view, 2> kNormalCompared = {"v1-2025-04", "v2-2026-04"};
constexpr double kSweepGpus = 64.0;  // of the token sweep, whose start-up time is taken
constexpr double kNvlinkGpus = 8.0;  // of the sweep that never leaves a node: no start-up time is shorter

struct Kernel {
  std::string name;
  double (*bytes)(double hidden);
};
const std::array kKernels = {Kernel{"dispatch", network::dispatch_bytes},
                             Kernel{"combine", network::combine_bytes}};

double column(const Table& t, std::size_t row, const Kernel& kernel, std::string_view unit) {
  return t.positive(row, fmt::format("{}_{}", kernel.name, unit));
}

// ---- low latency: start-up time from the token sweep, efficiencies from the table by GPUs

std::vector<Point> sweep(const Table& t, const Kernel& kernel, double gpus) {
  std::vector<Point> out;
  for (std::size_t row = 0; row < t.rows(); ++row)
    if (t.positive(row, "gpus") == gpus)
      out.push_back({t.positive(row, "tokens"), column(t, row, kernel, "us")});
  return out;
}

// One row of the table by GPUs: the shortest time in which the NIC could send it, and the time it took.
struct Exchange {
  double gpus, wire_us, time_us;
};

std::vector<Exchange> exchanges(const Table& t, const Kernel& kernel, std::string_view version, double nic) {
  std::vector<Exchange> out;
  for (std::size_t row = 0; row < t.rows(); ++row) {
    if (t.text(row, "version") != version) continue;
    const double gpus = t.positive(row, "gpus");
    const double messages =
        t.positive(row, "tokens") * t.positive(row, "experts_per_token") * network::remote_share(gpus);
    out.push_back(
        {gpus, messages * kernel.bytes(t.positive(row, "hidden")) / nic * 1e6, column(t, row, kernel, "us")});
  }
  return out;
}

struct Curve {
  double start_us;
  std::vector<double> gpus, efficiency;
  [[nodiscard]] double time_us(const Exchange& e) const {
    return start_us + e.wire_us / EfficiencyBySize(gpus, efficiency).at(e.gpus);
  }
};

// The efficiencies that give the published times, made to fall with the number of GPUs (pool adjacent
// violators, in ln): the published ones wobble by some 2 %, and more peers do not make an exchange faster.
Curve fit_curve(const std::vector<Exchange>& rows, double start_us) {
  struct Pool {
    double sum;
    std::size_t count;
    [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Pool> pools;
  Curve out{start_us, {}, {}};
  for (const Exchange& e : rows) {
    out.gpus.push_back(e.gpus);
    pools.push_back({std::log(e.wire_us / (e.time_us - start_us)), 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() < pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back().sum += last.sum, pools.back().count += last.count;
    }
  }
  for (const Pool& p : pools)
    out.efficiency.insert(out.efficiency.end(), p.count, rounded(std::exp(p.mean())));
  return out;
}

Json fit_sweep(const std::vector<Point>& points) {
  Residuals residuals;
  for (std::size_t i = 0; i < points.size(); ++i)
    residuals.add({{"tokens", points[i].tokens}}, points[i].time_us, fit_line(points).at(points[i].tokens),
                  fit_line(without(points, i)).at(points[i].tokens));
  return {{"us_per_token", rounded(fit_line(points).us_per_token)},
          {"rms_left_out", rounded(residuals.rms_left_out())},
          {"errors", residuals.rows()}};
}

Json fit_low_latency(const std::vector<Exchange>& rows, const Table& tokens, const Kernel& kernel,
                     Residuals& residuals) {
  const double start = rounded(fit_line(sweep(tokens, kernel, kSweepGpus)).start_us);
  double longest = rows.front().time_us;
  for (const Exchange& e : rows) longest = std::min(longest, e.time_us - e.wire_us);
  const Curve curve = fit_curve(rows, start);
  for (std::size_t i = 0; i < rows.size(); ++i)
    residuals.add({{"kernel", kernel.name}, {"gpus", rows[i].gpus}}, rows[i].time_us, curve.time_us(rows[i]),
                  fit_curve(without(rows, i), start).time_us(rows[i]));
  return {{"start_us", start},
          {"start_low_us", rounded(fit_line(sweep(tokens, kernel, kNvlinkGpus)).start_us)},
          {"start_high_us", rounded(longest)},
          {"gpus", curve.gpus},
          {"efficiency", curve.efficiency}};
}

// ---- normal: GB/s by nodes, and the training trace beside them

struct Rate {
  double nodes, efficiency, bytes;  // bytes: 0 where the README's convention leaves them open (NVLink)
};

std::vector<Rate> rates(const Table& t, const Kernel& kernel, std::string_view version, std::string_view link,
                        double link_rate) {
  std::vector<Rate> out;
  for (std::size_t row = 0; row < t.rows(); ++row)
    if (t.text(row, "version") == version && t.text(row, "link") == link)
      out.push_back({t.positive(row, "nodes"), rounded(column(t, row, kernel, "gbps") * 1e9 / link_rate),
                     t.positive(row, "tokens") * t.positive(row, "nodes_per_token") *
                         kernel.bytes(t.positive(row, "hidden"))});
  return out;
}

EfficiencyBySize curve_of(const std::vector<Rate>& rates) {
  std::vector<double> nodes, efficiency;
  for (const Rate& r : rates) nodes.push_back(r.nodes), efficiency.push_back(r.efficiency);
  return {nodes, efficiency};
}

// A kernel of the trace, and the time it takes alone by the fitted table.
struct Beside {
  double time_us, alone_us;
};

std::vector<Beside> beside_compute(const Table& trace, const std::string& named, const Kernel& kernel,
                                   const std::vector<Rate>& fitted, double nic) {
  std::vector<Beside> out;
  for (std::size_t row = 0; row < trace.rows(); ++row) {
    if (trace.text(row, "kernel") != named) continue;
    const double nodes = trace.positive(row, "gpus") / 8.0;
    const auto r = std::ranges::find(fitted, nodes, &Rate::nodes);
    if (r == fitted.end())
      throw InputError({.file = "deepep_normal.csv",
                        .message = fmt::format("lacks the {} of {} nodes that the trace stands beside",
                                               kernel.name, nodes)});
    out.push_back({trace.positive(row, "time_us"), r->bytes / (nic * r->efficiency) * 1e6});
  }
  return out;
}

double mean_factor(const std::vector<Beside>& rows) {
  double sum = 0.0;
  for (const Beside& b : rows) sum += std::log(b.time_us / b.alone_us);
  return std::exp(sum / static_cast<double>(rows.size()));
}

Json fit_beside_compute(const std::vector<Beside>& rows) {
  const double factor = rounded(mean_factor(rows));
  Residuals residuals;
  double low = factor, high = factor;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto [time, alone] = rows[i];
    low = std::min(low, time / alone), high = std::max(high, time / alone);
    residuals.add({{"alone_us", rounded(alone)}}, time, factor * alone,
                  mean_factor(without(rows, i)) * alone);
  }
  return {{"factor", factor},
          {"low", rounded(low)},
          {"high", rounded(high)},
          {"sigma", rounded(residuals.rms_left_out())},
          {"errors", residuals.rows()}};
}

Json fit_normal(const std::vector<Rate>& rows, double nvlink_efficiency, double nic, const Kernel& kernel,
                Residuals& residuals) {
  std::vector<double> nodes, efficiency;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    nodes.push_back(rows[i].nodes), efficiency.push_back(rows[i].efficiency);
    const double wire_us = rows[i].bytes / nic * 1e6;
    residuals.add({{"kernel", kernel.name}, {"nodes", rows[i].nodes}}, wire_us / rows[i].efficiency,
                  wire_us / curve_of(rows).at(rows[i].nodes),
                  wire_us / curve_of(without(rows, i)).at(rows[i].nodes));
  }
  return {{"nodes", nodes}, {"efficiency", efficiency}, {"nvlink_efficiency", nvlink_efficiency}};
}

// Published beside fitted, of what was not fitted.
Json compared(std::string_view version, const Kernel& kernel, std::string_view size_name, double size,
              double published, double fitted) {
  return {{"version", version},
          {"kernel", kernel.name},
          {size_name, size},
          {"published_us", rounded(published)},
          {"fitted_us", rounded(fitted)},
          {"residual", log_residual(fitted, published)}};
}

constexpr std::string_view kAssumedStart =
    "assumed: the start-up time of the token sweep on H100 hosts (64 GPUs, 400 Gb/s, a later DeepEP) holds "
    "on H800; "
    "low: the same sweep inside one node, where no NIC is; high: the longest that leaves the NIC at or below "
    "its "
    "rate on paper in every row";
constexpr std::string_view kAssumedNormal =
    "assumed: the efficiency of 8 nodes holds for more, range 0.8 to 1 (above 40 GB/s at 16 to 128 GPUs, "
    "arXiv:2505.09343 figure 7); no start-up time";
constexpr std::string_view kBesideSource =
    "DeepSeek's training trace on H800, EP64, over the stand-alone row of EP64; geometric mean, low and high "
    "of the "
    "single kernels. It holds what sharing the SMs costs, 20 SMs instead of 24, and the congestion of the "
    "job; "
    "assumed to hold for other sizes and inside a node";

}  // namespace

Json fit_all_to_all(const std::string& folder) {
  const auto table = [&](std::string_view name) {
    return Table::load(fmt::format("{}/deepep_{}.csv", folder, name));
  };
  const Table by_gpus = table("low_latency"), by_tokens = table("low_latency_tokens"),
              by_nodes = table("normal"), trace = table("overlap");
  const catalog::NodeType node = catalog::load_node(std::string(kNode));
  const double nic = node.nic.value(), nvlink = node.nvlink.value();

  Json low, normal, swept, others = Json::array();
  Residuals low_residuals, normal_residuals;
  low["source"] = "deepep_low_latency.csv, version rdma; start-up time from deepep_low_latency_tokens.csv";
  low["assumed"] = kAssumedStart;
  low["tokens"] = by_gpus.positive(0, "tokens");
  normal["source"] =
      "deepep_normal.csv, version v1-2025-02, published in GB/s; beside compute from deepep_overlap.csv";
  normal["assumed"] = kAssumedNormal;
  for (const Kernel& kernel : kKernels) {
    const std::vector<Exchange> rows = exchanges(by_gpus, kernel, kLowLatencyFitted, nic);
    low[kernel.name] = fit_low_latency(rows, by_tokens, kernel, low_residuals);
    swept[kernel.name] = fit_sweep(sweep(by_tokens, kernel, kSweepGpus));
    const Curve curve = fit_curve(rows, low[kernel.name]["start_us"]);
    for (const Exchange& e : exchanges(by_gpus, kernel, kLowLatencyCompared, nic))
      others.push_back(compared(kLowLatencyCompared, kernel, "gpus", e.gpus, e.time_us, curve.time_us(e)));

    const std::vector<Rate> fitted = rates(by_nodes, kernel, kNormalFitted, "rdma", nic);
    const std::vector<Rate> inside = rates(by_nodes, kernel, kNormalFitted, "nvlink", nvlink);
    normal[kernel.name] = fit_normal(fitted, inside.at(0).efficiency, nic, kernel, normal_residuals);
    Json beside = fit_beside_compute(beside_compute(trace, kernel.name, kernel, fitted, nic));
    beside["source"] = kBesideSource;
    normal[kernel.name]["beside_compute"] = beside;
    for (const std::string_view version : kNormalCompared)
      for (const Rate& r : rates(by_nodes, kernel, version, "rdma", nic))
        others.push_back(compared(version, kernel, "nodes", r.nodes, r.bytes / (nic * r.efficiency) * 1e6,
                                  r.bytes / (nic * curve_of(fitted).at(r.nodes)) * 1e6));
    const double factor = beside["factor"];
    for (const Beside& b : beside_compute(trace, kernel.name + "-uncached", kernel, fitted, nic))
      others.push_back(compared("trace, uncached", kernel, "gpus", 64.0, b.time_us, factor * b.alone_us));
  }
  low["sigma"] = rounded(low_residuals.rms_left_out());
  low["errors"] = low_residuals.rows();
  low["sweep"] = swept;
  normal["sigma"] = rounded(normal_residuals.rms_left_out());
  normal["errors"] = normal_residuals.rows();
  Json out{{"about",
           "Written by `tideline calibrate fit`; times in microseconds, residuals of ln(time): residual of "
           "the fit, left_out of a fit without that row."},
          {"low_latency", low},
          {"normal", normal},
          {"compared", others}};
  out["deep_ep"] = fit_deep_ep(folder, low);
  return out;
}

}  // namespace tideline::calib
