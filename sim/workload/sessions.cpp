#include "sim/workload/sessions.h"

#include <algorithm>
#include <cmath>

namespace tideline::workload {
namespace {

constexpr std::uint64_t kOpening = std::uint64_t{1} << 32;  // the block of a session itself, past its turns
constexpr std::uint64_t kSystemPrompt = std::uint64_t{1} << 63;
constexpr std::uint64_t kTurnsMax = 1024;

std::int64_t whole_tokens(double x, std::int64_t most) {
  return static_cast<std::int64_t>(std::clamp(x, 1.0, static_cast<double>(std::max<std::int64_t>(most, 1))) +
                                   0.5);
}

// Adds the blocks that the prompt now fills and did not before. Only whole blocks are held.
void extend(ChainedRequest& request, std::uint64_t id, std::int64_t tokens, std::int64_t block_tokens,
            std::int64_t& blocks) {
  const std::int64_t filled = tokens / block_tokens;
  if (filled == blocks) return;
  request.chain.push_back({id, static_cast<std::uint32_t>(filled - blocks)});
  blocks = filled;
}

std::uint64_t message_id(std::uint64_t session, std::uint32_t turn) {
  return (session * kTurnsMax + turn) * 2;
}
std::uint64_t answer_id(std::uint64_t session, std::uint32_t turn) {
  return message_id(session, turn) + 1;
}

}  // namespace

double SessionKind::turns_mean() const {
  double mean = 1.0, survives = 1.0;
  for (const double p : goes_on) mean += (survives *= p);
  return mean;
}

double Sessions::requests_mean() const {
  double mean = 0.0;
  for (const SessionKind& k : kinds) mean += k.share * k.turns_mean();
  return mean;
}

double Sessions::output_tokens_mean() const {
  double mean = 0.0;
  for (const SessionKind& k : kinds) mean += k.share * k.turns_mean() * k.output.mean(k.max.output);
  return mean;
}

SessionSource::SessionSource(const Sessions& sessions, const PrefixCaching& caching, std::uint64_t seed,
                             std::uint32_t run, Instant start)
    : sessions_(sessions),
      block_tokens_(caching.block_tokens),
      outputs_(caching.kind == HitModel::kLru && caching.outputs),
      words_(seed, run, Purpose::kSession),
      starts_(sessions.rate, sessions.first_hour, RandomStream(seed, run, Purpose::kArrival),
              start - sessions.history),
      next_start_(starts_.next()) {}

bool SessionSource::next(ChainedRequest& request) {
  if (coming_.empty() || next_start_ < coming_.top().key.at) {
    fill({next_start_, session_++, 0}, request);
    next_start_ = starts_.next();
  } else {
    fill(coming_.pop().key, request);
  }
  return true;
}

std::size_t SessionSource::kind_of(const PhiloxBlock& opening) const {
  std::size_t kind = 0;
  if (sessions_.kinds.size() > 1)
    while (sessions_.kind_cumulative[kind] < uniform(opening[0])) ++kind;
  return kind;
}

// The lengths of system prompts are the quantiles of their distribution, so that their mean does not depend
// on how many there are.
std::int64_t SessionSource::add_system_prompt(std::size_t kind, std::uint32_t word,
                                              ChainedRequest& request) const {
  const SessionKind& k = sessions_.kinds[kind];
  if (!k.system_tokens) return 0;
  const std::uint64_t which = (std::uint64_t{word} * k.system_prompts) >> 32;
  const auto quantile = static_cast<std::uint32_t>(((2 * which + 1) << 31) / k.system_prompts);
  const std::int64_t tokens = whole_tokens((*k.system_tokens)(quantile), k.max.input - 1);
  std::int64_t blocks = 0;
  extend(request, kSystemPrompt | (std::uint64_t{kind} << 48) | which, tokens, block_tokens_, blocks);
  return tokens;
}

SessionSource::Said SessionSource::said(const SessionKind& kind, std::uint64_t session,
                                        std::uint32_t turn) const {
  const PhiloxBlock w = words_.block(session, turn);
  Said s;
  s.message = whole_tokens(kind.message(w[0]), kind.max.input);
  s.output = whole_tokens(kind.output(w[1]), kind.max.output);
  s.visible = s.output;
  if (kind.visible_share) {
    const double share = std::clamp((*kind.visible_share)(w[2]), 0.0, 1.0);
    s.visible = static_cast<std::int64_t>(static_cast<double>(s.output) * share + 0.5);
  }
  return s;
}

void SessionSource::fill(const Turn& turn, ChainedRequest& request) {
  const PhiloxBlock opening = words_.block(turn.session, kOpening);
  const std::size_t kind = kind_of(opening);
  const SessionKind& k = sessions_.kinds[kind];
  request.chain.clear();
  std::int64_t prompt = add_system_prompt(kind, opening[1], request);
  std::int64_t blocks = prompt / block_tokens_;
  Said s;
  for (std::uint32_t t = 0;; ++t) {
    s = said(k, turn.session, t);
    prompt = std::min<std::int64_t>(prompt + s.message, k.max.input);  // a first message may be too long
    extend(request, message_id(turn.session, t), prompt, block_tokens_, blocks);
    if (t == turn.turn) break;
    prompt += s.visible;
    if (outputs_ && s.visible == s.output)
      extend(request, answer_id(turn.session, t), prompt, block_tokens_, blocks);
  }
  request.prompt_extents = request.chain.size();
  if (outputs_ && s.visible == s.output)
    extend(request, answer_id(turn.session, turn.turn), prompt + s.visible, block_tokens_, blocks);

  request.arrival = {.at = turn.at,
                     .id = 0,
                     .request_class = static_cast<std::uint8_t>(kind),
                     .lengths = {.input = static_cast<std::int32_t>(prompt),
                                 .cached = 0,
                                 .output = static_cast<std::int32_t>(s.output)},
                     .session = turn.session + 1};
  go_on(k, turn, prompt + s.visible, s.output);
}

// Has the session's next turn come, if there is one and its prompt still fits.
void SessionSource::go_on(const SessionKind& kind, const Turn& turn, std::int64_t context,
                          std::int64_t output) {
  if (turn.turn >= kind.goes_on.size()) return;
  const PhiloxBlock w = words_.block(turn.session, kOpening + 1 + turn.turn);
  if (uniform(w[0]) >= kind.goes_on[turn.turn]) return;
  if (context + said(kind, turn.session, turn.turn + 1).message > kind.max.input) return;
  constexpr double kGapMax = 1e9;  // longer than any run
  const double gap_s =
      std::min(static_cast<double>(output) / sessions_.answer_tok_s + kind.think_s(w[1]), kGapMax);
  coming_.push({turn.at + to_duration(Seconds(gap_s)), turn.session, turn.turn + 1}, {});
}

}  // namespace tideline::workload
