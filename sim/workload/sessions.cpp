#include "sim/workload/sessions.h"

#include <algorithm>
#include <cmath>

#include "sim/workload/turns.h"

namespace tideline::workload {
namespace {

constexpr std::uint64_t kOpening = std::uint64_t{1} << 32;  // the block of a session itself, past its turns
constexpr std::uint64_t kSystemPrompt = std::uint64_t{1} << 63;
// Numbers that the messages of a session have.
constexpr std::uint64_t kTurnNumbers = 1024;
static_assert(kTurnNumbers >= kTurnsMax);

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
  return (session * kTurnNumbers + turn) * 2;
}
std::uint64_t answer_id(std::uint64_t session, std::uint32_t turn) {
  return message_id(session, turn) + 1;
}

struct Said {  // in one turn
  std::int64_t message = 0, output = 0;
  std::int64_t visible = 0;  // of the output, what the next prompt repeats
};
Said said(const SessionKind& kind, const RandomStream& words, std::uint64_t session, std::uint32_t turn) {
  const PhiloxBlock w = words.block(session, turn);
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

// The lengths of system prompts are the quantiles of their distribution, so that their mean does not depend
// on how many there are.
std::int64_t system_tokens(const SessionKind& kind, std::uint64_t which) {
  const auto quantile = static_cast<std::uint32_t>(((2 * which + 1) << 31) / kind.system_prompts);
  return whole_tokens((*kind.system_tokens)(quantile), kind.max.input - 1);
}
// Which of them a session has.
std::uint64_t system_prompt(const SessionKind& kind, const PhiloxBlock& opening) {
  return (std::uint64_t{opening[1]} * kind.system_prompts) >> 32;
}

// Whether a turn is followed by another, and the word of the time until then.
bool goes_on(const SessionKind& kind, const RandomStream& words, std::uint64_t session, std::uint32_t turn,
             std::uint32_t& think) {
  if (turn >= kind.goes_on.size()) return false;
  const PhiloxBlock w = words.block(session, kOpening + 1 + turn);
  think = w[1];
  return uniform(w[0]) < kind.goes_on[turn];
}

constexpr std::uint64_t kDrawn = 4096;  // sessions of a kind, for what is kept of it

}  // namespace

double SessionKind::turns_mean() const {
  double mean = 1.0, survives = 1.0;
  for (const double p : goes_on) mean += (survives *= p);
  return mean;
}

SessionKind::Kept SessionKind::kept() const {
  const RandomStream words(0, 0, Purpose::kSession);
  std::int64_t turns = 0, tokens = 0, turns_kept = 0, tokens_kept = 0;
  for (std::uint64_t session = 0; session < kDrawn; ++session) {
    std::int64_t prompt = 0;
    if (system_tokens)
      prompt = workload::system_tokens(*this, system_prompt(*this, words.block(session, kOpening)));
    bool ended = false;
    std::uint32_t turn = 0, think = 0;
    do {
      const Said s = said(*this, words, session, turn);
      ended = ended || (turn > 0 && prompt + s.message > max.input);
      ++turns, tokens += s.output;
      if (!ended) ++turns_kept, tokens_kept += s.output;
      prompt = std::min<std::int64_t>(prompt + s.message, max.input) + s.visible;
    } while (workload::goes_on(*this, words, session, turn++, think));
  }
  return {static_cast<double>(turns_kept) / static_cast<double>(turns),
          static_cast<double>(tokens_kept) / static_cast<double>(tokens)};
}

double Sessions::requests_mean() const {
  double mean = 0.0;
  for (const SessionKind& k : kinds) mean += k.share * k.turns_mean() * k.kept().turns;
  return mean;
}

double Sessions::output_tokens_mean() const {
  double mean = 0.0;
  for (const SessionKind& k : kinds)
    mean += k.share * k.turns_mean() * k.output.mean(k.max.output) * k.kept().output;
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

std::int64_t SessionSource::add_system_prompt(std::size_t kind, const PhiloxBlock& opening,
                                              ChainedRequest& request) const {
  const SessionKind& k = sessions_.kinds[kind];
  if (!k.system_tokens) return 0;
  const std::uint64_t which = system_prompt(k, opening);
  const std::int64_t tokens = system_tokens(k, which);
  std::int64_t blocks = 0;
  extend(request, kSystemPrompt | (std::uint64_t{kind} << 48) | which, tokens, block_tokens_, blocks);
  return tokens;
}

void SessionSource::fill(const Turn& turn, ChainedRequest& request) {
  const PhiloxBlock opening = words_.block(turn.session, kOpening);
  const std::size_t kind = kind_of(opening);
  const SessionKind& k = sessions_.kinds[kind];
  request.chain.clear();
  std::int64_t prompt = add_system_prompt(kind, opening, request);
  std::int64_t blocks = prompt / block_tokens_;
  Said s;
  for (std::uint32_t t = 0;; ++t) {
    s = said(k, words_, turn.session, t);
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
  std::uint32_t think = 0;
  if (!goes_on(kind, words_, turn.session, turn.turn, think)) return;
  if (context + said(kind, words_, turn.session, turn.turn + 1).message > kind.max.input) return;
  constexpr double kGapMax = 1e9;  // longer than any run
  const double gap_s =
      std::min(static_cast<double>(output) / sessions_.answer_tok_s + kind.think_s(think), kGapMax);
  coming_.push({turn.at + to_duration(Seconds(gap_s)), turn.session, turn.turn + 1}, {});
}

}  // namespace tideline::workload
