#include "sim/workload/request_class.h"

#include <algorithm>
#include <string>

#include "sim/workload/turns.h"

namespace tideline::workload {
namespace {

std::int32_t whole_tokens(double x) {
  return static_cast<std::int32_t>(std::clamp(x, 1.0, static_cast<double>(Lengths::kInputMax)) + 0.5);
}

// The distribution of the turn at which a request stands.
std::vector<double> turn_distribution(std::vector<double> survivors) {
  double sum = 0.0;
  for (double& s : survivors) s = (sum += s);
  for (double& s : survivors) s /= sum;
  return survivors;
}

std::shared_ptr<const Conversation> read_conversation(const config::Node& node) {
  auto c = std::make_shared<Conversation>();
  c->user_message = Distribution::read_tokens(node, "user_message");
  c->answer_visible = Distribution::read(node.object("visible_answer"));
  c->turn_cumulative = turn_distribution(read_turn_survivors(node));
  return c;
}

}  // namespace

RequestClass RequestClass::named(std::string name) {
  RequestClass c;
  c.name_ = std::move(name);
  return c;
}

RequestClass RequestClass::read(const config::Node& node) {
  RequestClass c;
  c.name_ = node.text("name");
  c.share_ = node.fraction("share", 1.0);
  c.max_ = read_lengths_max(node);
  if (node.has("draft_acceptance")) c.draft_acceptance_ = node.fraction("draft_acceptance");
  c.output_ = Distribution::read_tokens(node, "output_tokens");
  if (const auto conversation = node.optional_object("conversation")) {
    c.conversation_ = read_conversation(*conversation);
    return c;
  }
  c.input_ = Distribution::read_tokens(node, "input_tokens");
  if (const auto miss = node.optional_object("uncached_tokens"))
    c.miss_ = Distribution::read(*miss);
  else
    c.hit_fraction_ = node.fraction("cached_fraction", 0.0);
  return c;
}

std::size_t RequestClass::turns_before(const PhiloxBlock& block) const {
  if (!conversation_) return 0;
  const auto& turns = conversation_->turn_cumulative;
  const double u = uniform(block[1]);
  std::size_t turn = 0;
  while (turn + 1 < turns.size() && turns[turn] < u) ++turn;
  return turn;
}

Lengths RequestClass::draw(const PhiloxBlock& block, std::size_t turns_before,
                           std::span<const PhiloxBlock> further) const {
  if (conversation_) return draw_turn(block, turns_before, further);
  Lengths lengths;
  lengths.output = std::min(whole_tokens(output_(block[0])), max_.output);
  lengths.input = std::min(whole_tokens((*input_)(block[1])), max_.input);
  const double miss = miss_ ? (*miss_)(block[2]) : lengths.input * (1.0 - hit_fraction_);
  lengths.cached = lengths.input - std::min(lengths.input, whole_tokens(miss));
  return lengths;
}

// One further block gives the messages and answers of two turns; the first message comes with the request's
// own block.
Lengths RequestClass::draw_turn(const PhiloxBlock& block, std::size_t turns_before,
                                std::span<const PhiloxBlock> further) const {
  double prompt = conversation_->user_message(block[2]), before = 0.0;
  for (std::size_t t = 0; t < turns_before; ++t) {
    const PhiloxBlock& words = further[t / 2];
    before = prompt;
    prompt += conversation_->answer_visible(words[2 * (t % 2)]) +
              conversation_->user_message(words[2 * (t % 2) + 1]);
  }
  Lengths lengths;
  lengths.output = std::min(whole_tokens(output_(block[0])), max_.output);
  lengths.input = std::min(whole_tokens(prompt), max_.input);
  lengths.cached = std::min(turns_before > 0 ? whole_tokens(before) : 0, lengths.input - 1);
  return lengths;
}

}  // namespace tideline::workload
