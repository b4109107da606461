// What does a unit lose to a slow NIC, a slow rail, a short spine? The shipped step scenarios, all GPUs
// alike, with what the arithmetic of a port says of them.
#include <string>
#include <vector>

#include "sim/network/efficiency.h"
#include "sim/network/routing.h"
#include "sim/report/step_report.h"
#include "sim/scenario/step_scenario.h"
#include "tests/doctest.h"

namespace tideline::scenario {
namespace {

const std::string kDecode = "step-decode-degraded-rail.json", kPrefill = "step-prefill-oversubscribed.json";
const std::string kWhole = "network=null";

StepResult run(const std::string& scenario, const std::vector<std::string>& overrides = {}) {
  const std::string file = std::string(TIDELINE_SCENARIOS) + "/" + scenario;
  return run_step(read_step(config::Document::load(file, overrides)), false);
}

double experts_s(const StepResult& r) {
  return r.step.parts.kernels_s[static_cast<std::size_t>(step::Kind::kExperts)];
}

// Given 128 tokens a micro-batch with 8 experts each on 128 GPUs: 1016 copies leave a GPU, at 0.9276 of 50
// GB/s. A NIC at half its rate takes as long again: two micro-batches, 324 us of dispatch and 628 us of
// combine.
TEST_CASE("a rail at half its rate: every exchange of the unit takes as long again on the wire") {
  const StepResult whole = run(kDecode, {kWhole}), slow = run(kDecode);
  const double per_copy_s = 2 * 1016 / (50e9 * 0.927638);
  CHECK(slow.step.parts.dispatch_s - whole.step.parts.dispatch_s == testing::about(per_copy_s * 7392, 1e-3));
  CHECK(slow.step.parts.combine_s - whole.step.parts.combine_s == testing::about(per_copy_s * 14336, 1e-3));
  CHECK(slow.exchanges->dispatch->port == "NIC of GPU 3, out");
  CHECK(slow.exchanges->dispatch->alike == 2 * 16 - 1);
  CHECK(whole.exchanges->dispatch->alike == 2 * 128 - 1);
}

// Attention no longer fills the wait: a layer is its exchanges, one after the other, and the experts between.
TEST_CASE("a rail at half its rate: what was hidden is not, and a decode layer takes two thirds longer") {
  const StepResult whole = run(kDecode, {kWhole}), slow = run(kDecode);
  const double exchanges_s = slow.step.parts.dispatch_s + slow.step.parts.combine_s;
  CHECK(slow.step.moe_layer.value() == testing::about(exchanges_s + experts_s(slow), 0.02));
  CHECK(whole.step.parts.combine_exposed_s < 0.1 * slow.step.parts.combine_exposed_s);
  CHECK(slow.step.moe_layer / whole.step.moe_layer == testing::about(1.67, 0.02));
}

TEST_CASE("one NIC of 128 at half its rate costs as much as its whole rail: everybody waits for it") {
  const StepResult rail = run(kDecode),
                   nic = run(kDecode, {R"(network.degraded=[{"gpu": 9, "share": 0.5}])"});
  CHECK(nic.step.total == rail.step.total);
  CHECK(nic.exchanges->combine->port == "NIC of GPU 9, out");
  CHECK(nic.exchanges->combine->alike == 1);
}

// Given two of four nodes on a leaf of each rail: a GPU sends to the two others npt / 2 copies a token, two
// GPUs share an uplink of two NICs over four. Published library: 0.8438 of the rate; 1.297 beside compute.
TEST_CASE("a spine of a quarter of the rate: prefill runs at the pace of its uplinks") {
  const StepResult slow = run(kPrefill);
  const double copies = network::nodes_per_token(256, 8, 4, 8, 4) * 8192;
  const double uplink_s = 2 * copies * network::dispatch_bytes(7168) / (2 * 50e9 / 4 * 0.8438) * 1.297;
  CHECK(slow.step.parts.dispatch_s == testing::about(uplink_s, 0.01));
  CHECK(slow.exchanges->dispatch->port == "leaf 0, up");
  CHECK(slow.step.moe_layer.value() ==
        testing::about(slow.step.parts.dispatch_s + slow.step.parts.combine_s, 0.01));
}

TEST_CASE("the same spine under one pair of leaves is never used: normal mode keeps to its rails") {
  const StepResult whole = run(kPrefill, {kWhole}), one_leaf = run(kPrefill, {"network.nodes_per_leaf=4"});
  CHECK(one_leaf.step.total == whole.step.total);
  CHECK(one_leaf.exchanges->dispatch->port == "staging of GPU 0");
}

TEST_CASE("on a node that nobody measured the report says whose efficiency its exchanges have") {
  StepScenario s =
      read_step(config::Document::load(std::string(TIDELINE_SCENARIOS) + "/" + kDecode, {"nodes=4"}));
  const catalog::Gpu h800 = s.unit.node.gpu;
  s.unit.node = catalog::load_node("h100-8"), s.unit.node.gpu = h800;
  const std::string text = report::step_text(run_step(s, false));
  CHECK(text.find("exchanges counted on their ports, efficiency taken from h800-8\n") != std::string::npos);
  CHECK(text.find("bound by: dispatch NIC of GPU 3, out (8 ports alike)") != std::string::npos);
}

}  // namespace
}  // namespace tideline::scenario
