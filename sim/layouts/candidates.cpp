#include "sim/layouts/candidates.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"
#include "sim/scenario/load.h"

namespace tideline::layouts {
namespace {

using scenario::LayoutAxes;
using scenario::Scenario;

// The values of an axis, or the scenario's own where the study does not list any.
template <class T>
std::vector<T> values(const std::vector<T>& listed, const T& own) {
  return listed.empty() ? std::vector<T>{own} : listed;
}

std::vector<std::string> overrides_of(const Candidate& c, const std::string& gpu_rate) {
  const bool decode = c.phase == step::Phase::kDecode;
  const std::string phase = decode ? "decode" : "prefill";
  std::vector<std::string> out{"node=" + c.node, fmt::format("{}.nodes={}", phase, c.nodes),
                               fmt::format("{}.redundant_experts={}", phase, c.redundant_experts),
                               fmt::format("{}.overlap={}", phase, c.overlap)};
  out.push_back(decode ? fmt::format("decode.draft_tokens={}", c.draft_tokens)
                       : fmt::format("prefill.tokens_per_gpu={}", c.tokens_per_gpu));
  if (!gpu_rate.empty()) out.push_back("money.gpu_rate=" + gpu_rate);
  return out;
}

// The first thing that is wrong with it, in the reader's words.
std::string reason(const InputError& e) {
  const Problem& p = e.problems().front();
  return p.suggestion.empty() ? p.message : p.message + ": " + p.suggestion;
}

// Of a type of node, "" where the study says none: the scenario's own.
std::string listed_rate(const LayoutAxes& axes, const std::string& node) {
  const auto listed =
      std::ranges::find_if(axes.node_types, [&](const auto& type) { return type.first == node; });
  return listed == axes.node_types.end() ? "" : listed->second;
}

struct Reader {
  const std::string& file;
  const std::vector<std::string>& overrides;
  const Scenario& base;

  Candidate read(Candidate c, const std::string& gpu_rate) const {
    c.overrides = overrides_of(c, gpu_rate);
    std::vector<std::string> all = overrides;
    all.insert(all.end(), c.overrides.begin(), c.overrides.end());
    try {
      const Scenario s = scenario::read(scenario::load(file, all));
      c.unit = c.phase == step::Phase::kDecode ? s.fleet.decode.unit : s.fleet.prefill.unit;
      c.gpu_hour_usd = s.terms.gpu_hour().usd();
    } catch (const InputError& e) {
      c.refused = reason(e);
    }
    return c;
  }

  std::vector<Candidate> phase(step::Phase which, const LayoutAxes& axes) const {
    const bool decode = which == step::Phase::kDecode;
    const LayoutAxes::Phase& listed = decode ? axes.decode : axes.prefill;
    const step::Unit& own = decode ? base.fleet.decode.unit : base.fleet.prefill.unit;
    Candidate as_is;
    as_is.phase = which;
    as_is.node = base.node.name;
    as_is.nodes = own.nodes;
    as_is.redundant_experts = own.redundant_experts;
    as_is.draft_tokens = own.draft_tokens;
    as_is.tokens_per_gpu = base.fleet.prefill.tokens_per_gpu;
    as_is.overlap = own.schedule.name;
    as_is.of_scenario = true;
    std::vector<Candidate> out{read(as_is, listed_rate(axes, base.node.name))};
    as_is.of_scenario = false;
    for (const auto& [type, rate] : values(axes.node_types, {base.node.name, ""}))
      for (const auto nodes : values(listed.nodes, own.nodes))
        for (const auto replicas : values(listed.redundant_experts, own.redundant_experts))
          for (const auto& overlap : values(listed.overlap, own.schedule.name))
            for (const auto drafts : values(listed.draft_tokens, own.draft_tokens))
              for (const auto tokens : values(listed.tokens_per_gpu, as_is.tokens_per_gpu)) {
                Candidate c = as_is;
                c.node = type, c.nodes = nodes, c.redundant_experts = replicas, c.overlap = overlap;
                c.draft_tokens = drafts, c.tokens_per_gpu = tokens;
                if (!c.same_as(out.front())) out.push_back(read(c, rate));
              }
    return out;
  }
};

}  // namespace

bool Candidate::same_as(const Candidate& o) const {
  return node == o.node && nodes == o.nodes && redundant_experts == o.redundant_experts &&
         overlap == o.overlap && draft_tokens == o.draft_tokens && tokens_per_gpu == o.tokens_per_gpu;
}

std::string Candidate::name() const {
  std::string out = fmt::format("{} x {} +{} {}", nodes, node, redundant_experts, overlap);
  if (phase == step::Phase::kDecode) return out + (draft_tokens > 0 ? " MTP" : "");
  return out + (tokens_per_gpu % 1024 == 0 ? fmt::format(" {}k", tokens_per_gpu / 1024)
                                           : fmt::format(" {}", tokens_per_gpu));
}

Study read_study(const std::string& file, const std::vector<std::string>& overrides) {
  Study study;
  study.scenario = scenario::read(scenario::load(file, overrides));
  if (!study.scenario.layouts)
    throw InputError({.file = file,
                      .message = "no \"layouts\" says which are to be compared",
                      .suggestion = R"(add "layouts": {"decode": {"nodes": [4, 9, 18]}})"});
  const Reader reader{file, overrides, study.scenario};
  study.decode = reader.phase(step::Phase::kDecode, *study.scenario.layouts);
  study.prefill = reader.phase(step::Phase::kPrefill, *study.scenario.layouts);
  return study;
}

}  // namespace tideline::layouts
