#include "sim/scenario/layout_axes.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace tideline::scenario {
namespace {

constexpr std::int64_t kNumberMax = 1'000'000;

std::vector<std::int64_t> whole_numbers(const config::Node& node, std::string_view key, std::int64_t least) {
  std::vector<std::int64_t> out;
  if (!node.has(key)) return out;
  for (const double x : node.numbers(key))
    if (x == std::floor(x) && x >= static_cast<double>(least) && x <= static_cast<double>(kNumberMax))
      out.push_back(std::llround(x));
    else
      node.problem(key, fmt::format("wants whole numbers from {} to {}, found {}", least, kNumberMax, x));
  return out;
}

LayoutAxes::Phase read_phase(const config::Node& axes, std::string_view key, bool decode) {
  LayoutAxes::Phase p;
  const auto node = axes.optional_object(key);
  if (!node) return p;
  p.nodes = whole_numbers(*node, "nodes", 1);
  p.redundant_experts = whole_numbers(*node, "redundant_experts", 0);
  if (decode)
    p.draft_tokens = whole_numbers(*node, "draft_tokens", 0);
  else
    p.tokens_per_gpu = whole_numbers(*node, "tokens_per_gpu", 1);
  if (node->has("overlap"))
    for (const config::Node& name : node->list("overlap")) p.overlap.push_back(name.as_text());
  return p;
}

}  // namespace

LayoutAxes read_layout_axes(const config::Node& node) {
  LayoutAxes axes;
  axes.output_speed =
      node.quantity<TokensPerSecond>("output_speed", TokensPerSecond(axes.output_speed)).value();
  axes.ttft_s = node.quantity<Seconds>("ttft_mean", Seconds(axes.ttft_s)).value();
  if (!(axes.output_speed > 0.0)) node.problem("output_speed", "wants more than nothing");
  if (!(axes.ttft_s > 0.0)) node.problem("ttft_mean", "nothing takes no time");
  if (const auto types = node.optional_object("node")) {
    types->keys_are_names();
    for (const std::string& name : types->keys()) axes.node_types.emplace_back(name, types->text(name));
  }
  axes.prefill = read_phase(node, "prefill", false);
  axes.decode = read_phase(node, "decode", true);
  return axes;
}

}  // namespace tideline::scenario
