#include "sim/scenario/step_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <variant>

#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/network/fitted_file.h"
#include "sim/step/layer_graph.h"

namespace tideline::scenario {
namespace {

// Tokens of one request: no request of a day has more than the model's context.
double read_length(const config::Node& root, std::string_view key, const catalog::Llm& llm) {
  const std::int64_t tokens = root.positive(key);
  if (llm.context_max > 0 && tokens > llm.context_max)
    root.problem(key, fmt::format("{} tokens are more than the context of {}", tokens, llm.name),
                 fmt::format("at most {}", llm.context_max));
  return static_cast<double>(tokens);
}

step::RankLoad read_decode_load(const config::Node& root, const catalog::Llm& llm) {
  const auto requests = static_cast<double>(root.positive("requests_per_gpu"));
  return {.requests = requests, .kv_tokens = requests * read_length(root, "kv_tokens", llm)};
}

// Whole prompts of one length, none of them cached.
step::RankLoad read_prefill_load(const config::Node& root, const catalog::Llm& llm) {
  const auto tokens = static_cast<double>(root.positive("tokens_per_gpu"));
  const double prompt = read_length(root, "prompt_tokens", llm);
  if (prompt > tokens)
    root.problem(
        "prompt_tokens",
        fmt::format("a prompt of {:.0f} tokens takes several passes of {:.0f} tokens a GPU, and each "
                    "but the first attends to what those before it computed",
                    prompt, tokens),
        "a step is one pass of whole prompts: more \"tokens_per_gpu\", or shorter prompts");
  return {.tokens = tokens, .pairs = tokens * 0.5 * prompt, .context = tokens};
}

// Of all of a GPU's tokens at once: what binds them binds a micro-batch of them.
StepExchanges describe_exchanges(const StepScenario& s, step::TrafficSource& traffic) {
  const step::Unit& unit = s.unit;
  const auto gpus = static_cast<std::size_t>(unit.gpus());
  const bool decode = unit.phase == step::Phase::kDecode;
  const std::vector<double> tokens(
      gpus, decode ? s.load.requests * static_cast<double>(unit.tokens_per_request()) : s.load.tokens);
  step::ExpertTraffic drawn;
  traffic.draw(unit.middle_layer(), 0, tokens, drawn);
  const step::Exchanges exchanges(unit);
  const step::Exchange exchange = exchanges.exchange(tokens, drawn);
  return {.counted = unit.exchange == step::ExchangeModel::kCounted,
          .measured_on = network::find_fitted(unit.node.name).node,
          .dispatch = exchanges.bottleneck(exchange, false),
          .combine = exchanges.bottleneck(exchange, true)};
}

}  // namespace

StepScenario read_step(const config::Document& document) {
  static constexpr std::string_view kPhases[] = {"prefill", "decode"};
  const config::Node root = document.root();
  if (!root.has("phase") && root.has("workload")) {
    root.ignore_rest();
    root.problem("", "this is the scenario of a day", "tideline run reads it");
    document.finish();
  }
  StepScenario s;
  s.question = root.text("question");
  const auto llm = catalog::load_llm(root, "model");
  const auto node = catalog::load_node(root, "node");
  kernels::KernelModel::require(root, "node", node.gpu);
  const bool decode = root.choice("phase", kPhases) == "decode";
  s.unit = step::read_unit(root, decode ? step::Phase::kDecode : step::Phase::kPrefill, llm, node);
  if (!decode) s.unit.draft_tokens = step::read_draft_tokens(root, llm);
  s.load = decode ? read_decode_load(root, llm) : read_prefill_load(root, llm);
  s.memory_reserve = root.fraction("memory_reserve", step::usual_memory_reserve(s.unit.phase));
  s.seed = static_cast<std::uint64_t>(root.count("seed", 1));
  document.finish();
  s.effective = document.effective();
  return s;
}

std::string why_it_does_not_fit(const StepScenario& s) {
  constexpr double kGB = 1e-9;
  const double tokens = s.unit.phase == step::Phase::kDecode ? s.load.kv_tokens : s.load.context;
  const Bytes weights = s.unit.weights_per_gpu(), cache = s.unit.kv_per_token() * Tokens(tokens);
  const Bytes room = s.unit.node.gpu.memory * (1.0 - s.memory_reserve);
  if (weights + cache <= room) return "";
  return fmt::format(
      "{:.1f} GB of weights and {:.1f} GB of KV cache for {:.0f} tokens are {:.1f} GB a GPU; it has "
      "{:.1f} GB, {:.1f} GB with {:.0f} % kept for activations and buffers",
      weights.value() * kGB, cache.value() * kGB, tokens, (weights + cache).value() * kGB,
      s.unit.node.gpu.memory.value() * kGB, room.value() * kGB, s.memory_reserve * 100.0);
}

namespace {

void cite(const kernels::KernelModel& kernels, StepResult& r) {
  for (const step::Operation& o : r.kernels) {
    std::vector<std::size_t>& of = r.sources_of.emplace_back();
    const auto add = [&](const std::string& source) {
      const auto known = std::ranges::find(r.sources, source);
      of.push_back(static_cast<std::size_t>(known - r.sources.begin()));
      if (known == r.sources.end()) r.sources.push_back(source);
    };
    std::visit(
        [&](const auto& shape) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(shape)>, step::AllToAll>)
            std::ranges::for_each(kernels.sources(shape), add);
        },
        o.shape);
    std::ranges::sort(of);
  }
}

}  // namespace

StepResult run_step(const StepScenario& scenario, bool spans) {
  const step::Unit& unit = scenario.unit;
  const step::RankLoad& load = scenario.load;
  const auto kernels = kernels::KernelModel::load(unit.node.gpu);
  StepResult r;
  r.scenario = scenario;
  step::TrafficSource traffic(unit, scenario.seed);
  r.step = step::StepSimulation(unit, kernels).run({&load, 1}, traffic, {.spans = spans});
  if (unit.gpus() > 1) r.exchanges = describe_exchanges(scenario, traffic);
  const step::StepModel model(unit, kernels);
  const bool decode = unit.phase == step::Phase::kDecode;
  r.kernels = decode ? model.decode({load.requests, load.requests, load.kv_tokens}).layer
                     : model.prefill({load.tokens, load.tokens, load.pairs, load.context}).layer;
  r.graph = step::graphviz(step::operation_graph(r.kernels));
  std::erase_if(r.kernels, [](const step::Operation& o) { return is_exchange(o.stage); });
  cite(kernels, r);
  r.tokens_per_step = decode ? load.requests * static_cast<double>(unit.tokens_per_request()) : load.tokens;
  return r;
}

}  // namespace tideline::scenario
