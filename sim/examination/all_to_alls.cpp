#include <array>
#include <vector>

#include "sim/catalog/hardware.h"
#include "sim/examination/examination.h"
#include "sim/network/all_to_all.h"

namespace tideline::examination {
namespace {

constexpr double kGoal = 0.08;

// DeepEP README ebfe47e, 2025-02-24: 128 tokens a GPU, hidden 7168, top-8, FP8 dispatch, BF16 combine, pure
// RDMA.
struct LowLatencyRow {
  std::int64_t gpus;
  std::string_view dispatch, combine;
  double dispatch_us, combine_us;
};
constexpr std::array kLowLatency = {
    LowLatencyRow{8, "low latency, EP8, dispatch", "low latency, EP8, combine", 163, 318},
    LowLatencyRow{16, "low latency, EP16, dispatch", "low latency, EP16, combine", 173, 329},
    LowLatencyRow{32, "low latency, EP32, dispatch", "low latency, EP32, combine", 182, 350},
    LowLatencyRow{64, "low latency, EP64, dispatch", "low latency, EP64, combine", 186, 353},
    LowLatencyRow{128, "low latency, EP128, dispatch", "low latency, EP128, combine", 192, 369},
    LowLatencyRow{256, "low latency, EP256, dispatch", "low latency, EP256, combine", 194, 360},
};

// The same README: 4096 tokens a GPU; times from the published bandwidths, with the distinct nodes of its
// routing.
struct NormalRow {
  std::int64_t gpus;
  std::string_view dispatch, combine;
  double nodes, dispatch_us, combine_us;
};
constexpr std::array kNormal = {
    NormalRow{16, "normal, EP16, dispatch", "normal, EP16, combine", 1.993, 1403, 2722},
    NormalRow{32, "normal, EP32, dispatch", "normal, EP32, combine", 3.616, 2488, 4518},
    NormalRow{64, "normal, EP64, dispatch", "normal, EP64, combine", 3.95, 2600, 5154},
};

void add(std::vector<Case>& cases, std::string_view name, double published_us, Seconds predicted) {
  cases.push_back({"DeepEP all-to-all on H800 (fitted)", name, Unit::kMicroseconds, published_us,
                   published_us, predicted.value() * 1e6, kGoal});
}

}  // namespace

std::vector<Case> compare_all_to_alls() {
  const network::AllToAll model = network::AllToAll::load(catalog::load_node("h800-8"));
  std::vector<Case> cases;
  for (const LowLatencyRow& row : kLowLatency) {
    const auto t = model.low_latency({.tokens = 128, .gpus = row.gpus});
    add(cases, row.dispatch, row.dispatch_us, t.dispatch);
    add(cases, row.combine, row.combine_us, t.combine);
  }
  for (const NormalRow& row : kNormal) {
    const auto t = model.normal({.tokens = 4096, .gpus = row.gpus, .nodes_per_token = row.nodes});
    add(cases, row.dispatch, row.dispatch_us, t.dispatch);
    add(cases, row.combine, row.combine_us, t.combine);
  }
  return cases;
}

}  // namespace tideline::examination
