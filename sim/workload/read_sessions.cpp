// The reader of "sessions".
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "sim/workload/sessions.h"
#include "sim/workload/turns.h"

namespace tideline::workload {

using namespace literals;

namespace {

constexpr Seconds kHistoryMax = 720.0_h;  // assumed: no prefix is kept for longer than a month
constexpr std::uint64_t kSystemPromptsMax = std::uint64_t{1} << 31;

SessionKind read_kind(const config::Node& node) {
  SessionKind k;
  k.name = node.text("name");
  k.share = node.fraction("share", 1.0);
  k.max = read_lengths_max(node);
  const std::vector<double> survivors = read_turn_survivors(node);
  for (std::size_t t = 1; t < survivors.size(); ++t) k.goes_on.push_back(survivors[t] / survivors[t - 1]);
  k.message = Distribution::read_tokens(node, "message_tokens");
  k.output = Distribution::read_tokens(node, "output_tokens");
  if (const auto visible = node.optional_object("visible_share"))
    k.visible_share = Distribution::read(*visible);
  if (!k.goes_on.empty() || node.has("think_seconds"))
    k.think_s = Distribution::read(node.object("think_seconds"));
  else
    k.think_s = Distribution::constant(0.0);
  if (const auto system = node.optional_object("system_prompt")) {
    k.system_tokens = Distribution::read_tokens(*system, "tokens");
    k.system_prompts = static_cast<std::uint64_t>(system->positive("count", 1));
    if (k.system_prompts > kSystemPromptsMax) system->problem("count", "at most 2147483648 system prompts");
  }
  return k;
}

}  // namespace

Sessions read_sessions(const config::Node& node) {
  Sessions s;
  const Seconds history = node.quantity<Seconds>("history", 6.0_h);
  if (history > kHistoryMax) node.problem("history", "at most 720 h");
  s.history = to_duration(std::min(history, kHistoryMax));
  s.answer_tok_s = node.quantity<TokensPerSecond>("answer_speed", TokensPerSecond(20.0)).value();
  if (s.answer_tok_s <= 0.0) node.problem("answer_speed", "an answer has to end: more than 0 tok/s");
  double sum = 0.0;
  for (const config::Node& entry : node.list("kinds")) {
    s.kinds.push_back(read_kind(entry));
    s.kind_cumulative.push_back(sum += s.kinds.back().share);
  }
  if (s.kinds.empty())
    node.problem("kinds", "sessions need at least one kind");
  else if (s.kinds.size() > kClassesMax)
    node.problem("kinds", fmt::format("at most {} kinds", kClassesMax));
  else if (sum < 1.0 - 1e-6 || sum > 1.0 + 1e-6)
    node.problem("kinds", "the shares of the kinds add up to " + std::to_string(sum) + ", not to 1");
  else
    s.kind_cumulative.back() = 1.0;
  return s;
}

}  // namespace tideline::workload
