#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "sim/catalog/hardware.h"
#include "sim/examination/examination.h"
#include "sim/network/all_to_all.h"
#include "sim/network/deep_ep_bench.h"
#include "sim/network/efficiency.h"

namespace tideline::examination {
namespace {

constexpr double kGoal = 0.08;
constexpr std::int64_t kHidden = 7168, kExperts = 256, kTopK = 8, kGpusPerNode = 8;
constexpr std::int64_t kLowLatencyTokens = 128, kNormalTokens = 4096;

struct Row {
  std::int64_t gpus;
  std::string_view dispatch_name, combine_name;
  double dispatch, combine;  // low latency: us; normal: GB/s, copies for the own node (or GPU) counted
};

// DeepEP README ebfe47e, 2025-02-24.
constexpr Row kRdma[] = {
    {8, "EP8, dispatch", "EP8, combine", 163, 318},
    {16, "EP16, dispatch", "EP16, combine", 173, 329},
    {32, "EP32, dispatch", "EP32, combine", 182, 350},
    {64, "EP64, dispatch", "EP64, combine", 186, 353},
    {128, "EP128, dispatch", "EP128, combine", 192, 369},
    {256, "EP256, dispatch", "EP256, combine", 194, 360},
};
// README d8dd185, 2025-06-05.
constexpr Row kNvlink[] = {
    {8, "EP8, dispatch", "EP8, combine", 77, 114},
    {16, "EP16, dispatch", "EP16, combine", 118, 195},
    {32, "EP32, dispatch", "EP32, combine", 155, 273},
    {64, "EP64, dispatch", "EP64, combine", 173, 314},
    {128, "EP128, dispatch", "EP128, combine", 192, 369},
    {256, "EP256, dispatch", "EP256, combine", 194, 360},
};
// README ebfe47e, and 3b1045d of 2025-04-22; inside a node both have the same row.
constexpr Row kFebruary[] = {
    {8, "EP8, dispatch", "EP8, combine", 153, 158},
    {16, "EP16, dispatch", "EP16, combine", 43, 43},
    {32, "EP32, dispatch", "EP32, combine", 44, 47},
    {64, "EP64, dispatch", "EP64, combine", 46, 45},
};
constexpr Row kApril[] = {
    {8, "EP8, dispatch", "EP8, combine", 153, 158},
    {16, "EP16, dispatch", "EP16, combine", 43, 43},
    {32, "EP32, dispatch", "EP32, combine", 58, 57},
    {64, "EP64, dispatch", "EP64, combine", 51, 50},
};

// Copies of a token that its published bandwidth counts, with the routing of DeepEP's test: a group a node.
double copies_per_token(std::int64_t gpus) {
  const std::int64_t nodes = gpus / kGpusPerNode;
  return network::nodes_per_token(kExperts, nodes, std::min<std::int64_t>(nodes, 4), kTopK,
                                  nodes > 1 ? nodes : gpus);
}

class Table {
 public:
  explicit Table(std::string_view group) : group_(group) {}
  void low_latency(const Row& row, Seconds dispatch, Seconds combine) {
    add(row.dispatch_name, row.dispatch, dispatch), add(row.combine_name, row.combine, combine);
  }
  void normal(const Row& row, Seconds dispatch, Seconds combine) {
    const double kilocopies = kNormalTokens * copies_per_token(row.gpus) * 1e-3;
    add(row.dispatch_name, kilocopies * network::dispatch_bytes(kHidden) / row.dispatch, dispatch);
    add(row.combine_name, kilocopies * network::combine_bytes(kHidden) / row.combine, combine);
  }
  std::vector<Case> cases;

 private:
  void add(std::string_view name, double published_us, Seconds predicted) {
    cases.push_back(
        {group_, name, Unit::kMicroseconds, published_us, published_us, predicted.value() * 1e6, kGoal});
  }
  std::string_view group_;
};

void append(std::vector<Case>& cases, const Table& table) {
  cases.insert(cases.end(), table.cases.begin(), table.cases.end());
}

network::DeepEp counted(std::int64_t gpus, const std::string& version) {
  return {network::Topology(catalog::load_node("h800-8"), catalog::load_fabric("rail-optimised-400g"), gpus),
          network::load_deep_ep_fit("h800-8", version)};
}

Table count_low_latency(std::string_view group, std::span<const Row> rows, bool nvlink_in_node) {
  Table table(group);
  for (const Row& row : rows) {
    const auto t =
        network::low_latency_bench(counted(row.gpus, "v1-2025-02"), kLowLatencyTokens, nvlink_in_node);
    table.low_latency(row, t.dispatch, t.combine);
  }
  return table;
}

Table count_normal(std::string_view group, std::span<const Row> rows, const std::string& version) {
  Table table(group);
  for (const Row& row : rows) {
    const auto t = network::normal_bench(counted(row.gpus, version), kNormalTokens);
    table.normal(row, t.dispatch, t.combine);
  }
  return table;
}

}  // namespace

std::vector<Case> compare_fitted_all_to_alls() {
  const network::AllToAll model = network::AllToAll::load(catalog::load_node("h800-8"));
  Table low("DeepEP on H800, fitted: low latency over RDMA, 2025-02");
  for (const Row& row : kRdma) {
    const auto t = model.low_latency({.tokens = kLowLatencyTokens, .gpus = row.gpus});
    low.low_latency(row, t.dispatch, t.combine);
  }
  Table normal("DeepEP on H800, fitted: normal mode, 2025-02");
  for (const Row& row : kFebruary) {
    network::AllToAllLoad load{.tokens = kNormalTokens, .gpus = row.gpus};
    (row.gpus > kGpusPerNode ? load.nodes_per_token : load.gpus_per_token) = copies_per_token(row.gpus);
    const auto t = model.normal(load);
    normal.normal(row, t.dispatch, t.combine);
  }
  std::vector<Case> cases = low.cases;
  append(cases, normal);
  return cases;
}

std::vector<Case> compare_counted_all_to_alls() {
  std::vector<Case> cases;
  append(cases, count_low_latency("DeepEP on H800, counted: low latency over RDMA, 2025-02", kRdma, false));
  append(cases, count_low_latency("DeepEP on H800, counted: low latency, NVLink in the node, 2025-06",
                                  kNvlink, true));
  append(cases, count_normal("DeepEP on H800, counted: normal mode, 2025-02", kFebruary, "v1-2025-02"));
  append(cases, count_normal("DeepEP on H800, counted: normal mode, 2025-04", kApril, "v1-2025-04"));
  return cases;
}

}  // namespace tideline::examination
