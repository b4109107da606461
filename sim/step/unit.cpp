#include "sim/step/unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "sim/moe/layer_load.h"
#include "sim/network/fitted_file.h"
#include "sim/step/layer_graph.h"
#include "sim/step/longest_path.h"

namespace tideline::step {

using namespace literals;

Bytes Unit::weights_per_gpu() const {
  const auto moe_layers = static_cast<double>(llm.moe_layers() + llm.mtp_layers);
  return llm.resident_weights() + llm.expert_weights() * (moe_layers * static_cast<double>(slots()));
}

std::int64_t Unit::draft_layers() const {
  return std::min(draft_tokens, llm.mtp_layers);
}

BytesPerToken Unit::kv_per_token() const {
  return llm.kv_per_token() + llm.kv_per_token_of_layer() * static_cast<double>(draft_layers());
}

Bytes Unit::kv_room(double reserve) const {
  return std::max(Bytes(0.0), node.gpu.memory * (1.0 - reserve) - weights_per_gpu());
}

double Unit::kv_capacity_tokens(double reserve) const {
  return kv_room(reserve) / kv_per_token() / Tokens(1.0);
}

moe::ExpertGroup Unit::expert_group() const {
  return {{llm.routed_experts, llm.expert_groups, llm.groups_per_token, llm.experts_per_token},
          llm.moe_layers(),
          gpus(),
          node.gpus,
          llm.routed_experts + redundant_experts};
}

double Unit::gpus_per_token() const {
  return moe::parts_per_token(expert_group().gate, gpus());
}

namespace {

// Beyond, a unit stands rather than steps.
constexpr double kNicShareMin = 0.001, kOversubscriptionMax = 1000.0;

// One entry of "degraded": a GPU's NIC, or a rail: the NICs of that number in every node.
void read_degraded(const config::Node& entry, Unit& unit) {
  const bool rail = entry.has("rail");
  if (rail == entry.has("gpu")) {
    entry.ignore_rest();
    return entry.problem("", "wants either a \"rail\" or a \"gpu\", each counted from 0");
  }
  const std::string_view key = rail ? "rail" : "gpu";
  const std::int64_t which = entry.count(key), count = rail ? unit.node.gpus : unit.gpus();
  const double share = entry.fraction("share");
  if (which >= count)
    return entry.problem(key, fmt::format("{} {} of {}: they are counted from 0", key, which, count));
  if (share < kNicShareMin)
    return entry.problem(
        "share", fmt::format("wants {} or more: a NIC that sends nothing stops the unit", kNicShareMin));
  for (std::int64_t g = which; g < (rail ? unit.gpus() : which + 1); g += count) {
    double& nic = unit.nic_shares[static_cast<std::size_t>(g)];
    nic = std::min(nic, share);
  }
}

void read_network(const config::Node& node, Unit& unit) {
  constexpr std::string_view kUnfelt =
      "fitted exchanges would not feel it: they are those of whole rails and a full spine";
  constexpr std::string_view kCount = R"("exchange": "counted" counts what every port carries)";
  const bool counted = unit.exchange == ExchangeModel::kCounted;
  unit.fabric =
      node.has("fabric") ? catalog::load_fabric(node, "fabric") : catalog::load_fabric("rail-optimised-400g");
  if (unit.fabric.oversubscription > 1.0 && !counted)
    node.problem("fabric", std::string(kUnfelt), std::string(kCount));
  const auto network = node.optional_object("network");
  if (!network) return;
  if (!counted) node.problem("network", std::string(kUnfelt), std::string(kCount));
  unit.fabric.oversubscription = network->number("oversubscription", unit.fabric.oversubscription);
  if (unit.fabric.oversubscription < 1.0 || unit.fabric.oversubscription > kOversubscriptionMax)
    network->problem("oversubscription",
                     fmt::format("wants a number from 1 to {}: down to up at a leaf", kOversubscriptionMax));
  unit.fabric.nodes_per_leaf = network->positive("nodes_per_leaf", unit.fabric.nodes_per_leaf);
  if (!network->has("degraded")) return;
  unit.nic_shares.assign(static_cast<std::size_t>(unit.gpus()), 1.0);
  for (const config::Node& entry : network->list("degraded")) read_degraded(entry, unit);
}

void read_exchange(const config::Node& node, Unit& unit) {
  static constexpr std::string_view kModels[] = {"fitted", "counted"};
  static constexpr std::string_view kLibraries[] = {"v1-2025-02", "v1-2025-04"};
  const bool measured = network::has_fitted(unit.node.name);
  const bool fitted = node.choice("exchange", kModels, measured ? "fitted" : "counted") == "fitted";
  unit.exchange = fitted ? ExchangeModel::kFitted : ExchangeModel::kCounted;
  if (fitted && !measured)
    node.problem("exchange",
                 fmt::format("no all-to-all was measured on {} that could be fitted", unit.node.name),
                 R"("counted" takes the rates of its links)");
  read_network(node, unit);
  if (fitted) {
    // Known, and felt by counted exchanges alone: what is said of them has no effect, rather than a name
    // that nobody knows.
    (void)node.has("all_to_all");
    if (unit.phase == Phase::kDecode) (void)node.has("nvlink_in_node");
    return;
  }
  // Where a node has exchanges of its own they are of February 2025; elsewhere, as DeepEP has been since.
  unit.all_to_all = node.choice("all_to_all", kLibraries, measured ? "v1-2025-02" : "v1-2025-04");
  unit.nvlink_in_node = unit.phase == Phase::kDecode && node.flag("nvlink_in_node", !measured);
}

// What the step model would silently time as something else.
void refuse_unmodelled(const config::Node& node, const catalog::Llm& llm) {
  if (llm.name.empty()) return;
  if (llm.moe_layers() == 0)
    node.problem("", fmt::format("{} has no routed experts: dense models are not modelled yet", llm.name));
  if (llm.index_topk > 0)
    node.problem(
        "", fmt::format("{} attends to chosen tokens only (sparse attention): not modelled yet", llm.name));
  if (llm.sliding_layers > 0)
    node.problem("", fmt::format("{} has layers with a sliding window: not modelled yet", llm.name));
}

// Normal mode was timed with 24 SMs alone (calib/timings/h800/deepep_normal.csv) and 20 beside kernels
// (deepep_overlap.csv). Its times here are the same with fewer, which would cost nothing.
constexpr std::int64_t kNormalModeSmsMin = 20;

void check_communication_sms(const config::Node& node, const Unit& unit) {
  if (unit.node.gpu.sms > 0 && unit.communication_sms >= unit.node.gpu.sms)
    node.problem("communication_sms",
                 fmt::format("leaves no SM to compute on: the GPU has {}", unit.node.gpu.sms));
  if (unit.phase == Phase::kPrefill && unit.schedule.overlaps() && unit.communication_sms < kNormalModeSmsMin)
    node.problem(
        "communication_sms",
        fmt::format("all-to-alls of prefill were measured with 20 to 24 SMs; how much slower {} make "
                    "them is not known",
                    unit.communication_sms),
        fmt::format("{} or more; 0 is of the low-latency mode, in decode", kNormalModeSmsMin));
}

// More GPUs in one unit than anyone has wired, and than ranks are numbered for.
constexpr std::int64_t kGpusMax = 4096;
// As many as two more experts on each of those GPUs. Assumed.
constexpr std::int64_t kReplicasMax = 2 * kGpusMax;

void read_schedule(const config::Node& node, Unit& unit) {
  unit.schedule = load_schedule(node, "overlap", unit.schedule.name);
  if (unit.llm.name.empty()) return;
  const std::string why = why_it_cannot_run(unit.schedule, stage_waits(any_layer(unit)));
  if (!why.empty()) node.problem("overlap", why);
}

}  // namespace

Unit usual_unit(Phase phase, const catalog::Llm& llm, const catalog::NodeType& type, std::int64_t nodes) {
  const bool decode = phase == Phase::kDecode;
  Unit unit;
  unit.phase = phase, unit.llm = llm, unit.node = type, unit.nodes = nodes;
  unit.schedule = load_schedule(decode ? "two_batch_decode" : "two_batch_prefill");
  unit.launch = decode ? kernels::Launch::kGraph : kernels::Launch::kEager;
  unit.communication_sms = decode ? 0 : 24;
  unit.host_gap = 1.0_ms;
  unit.fabric = catalog::load_fabric("rail-optimised-400g");
  return unit;
}

Unit read_unit(const config::Node& node, Phase phase, const catalog::Llm& llm,
               const catalog::NodeType& type) {
  static constexpr std::string_view kLaunches[] = {"eager", "graph"};
  const bool decode = phase == Phase::kDecode;
  const Unit usual = usual_unit(phase, llm, type, node.positive("nodes"));
  Unit unit = usual;
  if (unit.gpus() > kGpusMax) {
    node.problem("nodes", fmt::format("{} GPUs in one unit; at most {}", unit.gpus(), kGpusMax));
    unit.nodes = 1;
  }
  refuse_unmodelled(node, llm);
  unit.redundant_experts = node.count("redundant_experts", 0);
  if (unit.redundant_experts > kReplicasMax) {
    node.problem("redundant_experts",
                 fmt::format("{} replicas; at most {}", unit.redundant_experts, kReplicasMax));
    unit.redundant_experts = 0;
  }
  read_schedule(node, unit);
  const bool eager = usual.launch == kernels::Launch::kEager;
  unit.launch = node.choice("launch", kLaunches, eager ? "eager" : "graph") == "eager"
                    ? kernels::Launch::kEager
                    : kernels::Launch::kGraph;
  unit.communication_sms = node.count("communication_sms", usual.communication_sms);
  if (decode) unit.draft_tokens = read_draft_tokens(node, llm);
  unit.host_gap = node.quantity<Seconds>("host_gap", usual.host_gap);
  read_exchange(node, unit);
  unit.experts = moe::read_expert_load(node.object("expert_load"), unit.expert_group());
  check_communication_sms(node, unit);
  const std::int64_t slots = llm.routed_experts + unit.redundant_experts;
  if (llm.routed_experts > 0 && slots % unit.gpus() != 0)
    node.problem("redundant_experts",
                 fmt::format("{} experts and {} replicas do not divide over {} GPUs", llm.routed_experts,
                             unit.redundant_experts, unit.gpus()),
                 fmt::format("{} replicas would", unit.fewest_replicas()));
  return unit;
}

std::int64_t read_draft_tokens(const config::Node& node, const catalog::Llm& llm) {
  const std::int64_t tokens = node.count("draft_tokens", 0);
  if (tokens > llm.mtp_layers)
    node.problem("draft_tokens", fmt::format("{} has {} draft (MTP) layers", llm.name, llm.mtp_layers));
  return tokens;
}

}  // namespace tideline::step
