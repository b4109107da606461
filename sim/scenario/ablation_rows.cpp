#include "sim/scenario/ablation_rows.h"

#include <fmt/format.h>

namespace tideline::scenario {
namespace {

AblationRow row(std::string_view key, std::string label, std::vector<std::string> overrides, bool off,
                std::string why_left_out) {
  AblationRow r{std::string(key), std::move(label), std::move(overrides), "", {}};
  if (off) r.overrides.clear(), r.note = std::move(why_left_out);
  return r;
}

// Adds what it takes, or a note, for one of the two units.
void plan_nothing(AblationRow& r, const config::Document& d, const std::string& unit) {
  const config::Node load = d.root().object(unit).object("expert_load");
  const std::string kind = load.text("kind");
  std::string why;
  if (kind == "balanced" || kind == "given")
    why = fmt::format("{}: expert loads are {}, whatever balances them. ", unit, kind);
  else if (load.text("balancer", "eplb") == "none")
    why = fmt::format("{}: nothing balances experts as it is. ", unit);
  else
    r.overrides.push_back(unit + ".expert_load.balancer=none");
  r.note += why;
}

void fewest_replicas(AblationRow& r, const step::Unit& u, const std::string& unit) {
  const std::int64_t fewest = u.fewest_replicas();
  if (u.redundant_experts > fewest) {
    r.overrides.push_back(fmt::format("{}.redundant_experts={}", unit, fewest));
    r.label += fmt::format(", {} {} -> {}", unit, u.redundant_experts, fewest);
  } else {
    r.note += fmt::format("{}: {} experts divide over {} GPUs with no fewer than {} replicas. ", unit,
                          u.llm.routed_experts, u.gpus(), fewest);
  }
}

}  // namespace

std::vector<AblationRow> ablation_rows(const Scenario& s, const config::Document& document) {
  const fleet::PrefillSettings& p = s.fleet.prefill;
  const fleet::DecodeSettings& d = s.fleet.decode;
  AblationRow experts{std::string(kSwitches[2]), "experts without EPLB", {}, "", {}};
  AblationRow replicas{std::string(kSwitches[3]), "fewest replicas", {}, "", {}};
  plan_nothing(experts, document, "prefill"), plan_nothing(experts, document, "decode");
  fewest_replicas(replicas, p.unit, "prefill"), fewest_replicas(replicas, d.unit, "decode");
  for (AblationRow* r : {&experts, &replicas})
    if (!r->note.empty()) r->note.pop_back();
  return {
      row(kSwitches[0], "decode without overlap", {"decode.overlap=none"},
          d.unit.schedule.name == "none", "there is none as it is"),
      row(kSwitches[1], "prefill without overlap", {"prefill.overlap=none"},
          p.unit.schedule.name == "none", "there is none as it is"),
      experts,
      replicas,
      row(kSwitches[4], "prefill units in turn", {"prefill.balancer=round_robin"},
          p.balancer == policy::PrefillBalancer::kRoundRobin, "they take turns as it is"),
      row(kSwitches[5], "decode ranks in turn", {"decode.balancer=round_robin"},
          d.balancer == policy::DecodeBalancer::kRoundRobin, "they take turns as it is"),
      row(kSwitches[6], "no drafted token (MTP)", {"decode.draft_tokens=0"}, d.unit.draft_tokens == 0,
          "nothing is drafted as it is"),
      row(kSwitches[7], "NVLink inside a node", {"decode.nvlink_in_node=true"},
          d.unit.exchange != step::ExchangeModel::kCounted || d.unit.nvlink_in_node,
          d.unit.nvlink_in_node ? "it is on as it is"
                                : "wants exchanges that are counted: decode.exchange=counted")};
}

}  // namespace tideline::scenario
