#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/report/explain_report.h"
#include "sim/report/numbers.h"

namespace tideline::report {
namespace {

using scenario::Explanation;

std::string in_seconds(Duration d) {
  return fmt::format("{:.3f} s", to_seconds(d).value());
}

// Of a choice: the one that was taken, the best of the others, and the worst.
struct Seen {
  double chosen = 0, next = std::numeric_limits<double>::infinity(), most = -next;
  std::uint32_t next_number = 0;
  bool least = true;
};
Seen seen(const fleet::ChosenFrom& choice) {
  Seen s;
  for (const auto& [number, load] : choice.seen) {
    s.most = std::max(s.most, load);
    if (number == choice.chosen)
      s.chosen = load;
    else if (load < s.next)
      s.next = load, s.next_number = number;
  }
  s.least = s.chosen <= s.next;
  return s;
}

class Story {
 public:
  explicit Story(const Explanation& e) : e_(e), arrival_(*e.tale.arrival()) {}

  void operator()(const fleet::Queued& q) {
    line(q.at, fmt::format("prefill unit {}: {}", q.units.chosen, why_prefill(q)));
    more(q.full   ? fmt::format("no pass can begin there, {} prompts wait", q.ahead)
         : q.busy ? fmt::format("a pass runs there, {} prompts wait for the next", q.ahead)
                  : std::string("it stands idle"));
  }
  void operator()(const fleet::NoUnit& n) { line(n.at, "no prefill unit serves: it waits for one"); }
  void operator()(const fleet::HeldUp& h) {
    line(h.from, fmt::format("no room for its cache on unit {}, or for one before it: decode has not taken "
                             "those that fill the memory",
                             h.unit));
    more(fmt::format("it {} +{}", h.over ? "waits until" : "still waits at", in_seconds(h.to - arrival_.at)));
  }
  void operator()(const fleet::InPass& p) {
    line(p.from,
         fmt::format("pass of {} on unit {}: {} of its tokens, {} left", in_seconds(p.to - p.from), p.unit,
                     grouped(static_cast<double>(p.tokens)), grouped(static_cast<double>(p.left))));
    more(fmt::format("{} prompts in it, {} of its budget of work", p.prompts, share(p.fill)));
  }
  void operator()(const fleet::Computed& c) {
    line(c.at, c.again ? "prompt and answer so far are computed again"
                       : fmt::format("first token: TTFT {}", in_seconds(c.at - arrival_.at)));
  }
  void operator()(const fleet::WaitsForRank& w) {
    line(w.at, fmt::format("no decode rank has room: it waits, {} before it", w.ahead));
  }
  void operator()(const fleet::Placed& p) {
    line(p.at, fmt::format("decode unit {}: {}", p.units.chosen, why_decode(p.units)));
    more(fmt::format("rank {}: {}", p.ranks.chosen, why_decode(p.ranks)));
    more(fmt::format("its cache is there after {:.3f} ms", to_seconds(p.ready - p.at).value() * 1e3));
  }
  void operator()(const fleet::OnRank& r) {
    const auto steps = static_cast<double>(r.steps);
    line(r.from, fmt::format("first of {} steps on unit {}, rank {}, until +{}", grouped(steps), r.unit,
                             r.rank, in_seconds(r.to - arrival_.at)));
    more(fmt::format(
        "a step takes {:.1f} ms, {:.1f} to {:.1f}; {:.1f} requests on the rank, {} on the unit, KV "
        "cache {}",
        to_seconds(r.to - r.from).value() * 1e3 / steps, to_seconds(r.shortest).value() * 1e3,
        to_seconds(r.longest).value() * 1e3, r.rank_requests / steps, grouped(r.unit_requests / steps),
        share(r.rank_kv / steps)));
  }
  void operator()(const fleet::Displaced& d) {
    constexpr std::array<std::string_view, 6> kWhy = {
        "prefill unit {} closes: it is queued elsewhere",
        "prefill unit {} is lost, with what it computed of the prompt: it is queued elsewhere",
        "decode unit {} closes: the answer moves with its cache",
        "decode unit {} is lost, and the cache with it: prefill learns of it after one to two seconds",
        "prefill unit {} is lost, and with it the cache that no rank has taken yet",
        "decode unit {} has no KV block left on the rank: it is taken off, to be computed again"};
    line(d.at, fmt::format(fmt::runtime(kWhy[static_cast<std::size_t>(d.why)]), d.unit));
  }
  void operator()(const fleet::Ended& x) {
    line(x.at, fmt::format("last token: E2E {}", in_seconds(x.at - arrival_.at)));
  }

  std::string text;

 private:
  [[nodiscard]] std::string why_prefill(const fleet::Queued& q) const {
    using policy::PrefillBalancer;
    if (q.units.seen.size() == 1) return "the only one";
    const PrefillBalancer balancer = e_.scenario.fleet.prefill.balancer;
    if (balancer == PrefillBalancer::kRoundRobin) return "its turn";
    if (balancer == PrefillBalancer::kRandom) return "drawn";
    const Seen s = seen(q.units);
    if (policy::counts_prompts(balancer))
      return fmt::format("{}, {}; of {} units the emptiest other, {}, has {}, the fullest {}",
                         balancer == PrefillBalancer::kPowerOfTwo ? "of two drawn the one with fewer prompts"
                                                                  : "fewest prompts",
                         grouped(s.chosen), q.units.seen.size(), s.next_number, grouped(s.next),
                         grouped(s.most));
    const double now = to_seconds(q.at).value();
    const auto when = [&](double clock) {
      return clock <= now ? "at once" : fmt::format("in {:.3f} s", clock - now);
    };
    return fmt::format("{}, {}; of {} units the next is {}, {}, the last {}",
                       s.least ? "can begin first" : "that of its session, can begin", when(s.chosen),
                       q.units.seen.size(), s.next_number, when(s.next), when(s.most));
  }
  // Of units, or of the ranks of one.
  [[nodiscard]] std::string why_decode(const fleet::ChosenFrom& choice) const {
    using policy::DecodeBalancer;
    if (choice.seen.size() == 1) return "the only one";
    const DecodeBalancer balancer = e_.scenario.fleet.decode.balancer;
    if (balancer == DecodeBalancer::kRoundRobin) return "its turn";
    if (balancer == DecodeBalancer::kRandom) return "drawn, or the next with room";
    const Seen s = seen(choice);
    const std::string_view why = balancer == DecodeBalancer::kPowerOfTwo
                                     ? "of two drawn the one with less load"
                                 : s.least ? "least loaded"
                                           : "those with less load had no room";
    const std::string_view load =
        balancer == DecodeBalancer::kLeastOutstanding ? "requests" : "tokens of load";
    return fmt::format("{}, {} {}; of {} the emptiest other, {}, has {}, the fullest {}", why,
                       grouped(s.chosen), load, choice.seen.size(), s.next_number, grouped(s.next),
                       grouped(s.most));
  }
  void line(Instant at, const std::string& what) {
    text += fmt::format("  {:>12}  {}\n", "+" + in_seconds(at - arrival_.at), what);
  }
  void more(const std::string& what) { text += fmt::format("  {:>12}  {}\n", "", what); }

  const Explanation& e_;
  workload::Arrival arrival_;
};

std::string heading(const Explanation& e) {
  const workload::Arrival& a = *e.tale.arrival();
  const double second = to_seconds(a.at).value();
  return fmt::format(
      "{}\n\n  request {} of class {} arrives at {}, {:.3f} s {} of the window\n"
      "  {} tokens in, {} of them cached{}; {} tokens out\n\n",
      e.scenario.question, e.tale.request(), e.scenario.workload.classes[a.request_class].name(),
      local_clock(e.scenario, a.at), std::abs(second), second < 0 ? "before the start" : "after the start",
      grouped(a.lengths.input), grouped(a.lengths.cached),
      a.lengths.in_memory > 0 ? fmt::format(" ({} in memory)", grouped(a.lengths.in_memory)) : "",
      grouped(a.lengths.output));
}

std::string part(Duration d, const scenario::TimeByCause& whole) {
  const double s = to_seconds(d).value(), all = to_seconds(scenario::total(whole)).value();
  return fmt::format("{:>10.3f} s{:>7.1f} %", s, all > 0.0 ? s / all * 100.0 : 0.0);
}

std::string by_cause(const Explanation& e) {
  const auto& [ttft, e2e] = e.causes;
  if (!ttft) return "";
  std::string out = fmt::format("\n  {:<22}{:>12}{:>23}\n", "", "TTFT", e2e ? "E2E" : "");
  for (std::size_t c = 0; c < scenario::kCauses.size(); ++c) {
    if ((*ttft)[c].ns == 0 && (!e2e || (*e2e)[c].ns == 0)) continue;
    out += fmt::format("  {:<22}{}{}\n", scenario::kCauses[c].label, part((*ttft)[c], *ttft),
                       e2e ? "  " + part((*e2e)[c], *e2e) : "");
  }
  return out;
}

std::string verdict(const Explanation& e) {
  if (!e.causes.e2e)
    return fmt::format("\nnot answered when the run ended, {} after its arrival\n",
                       in_seconds(e.until - e.tale.arrival()->at));
  const std::int32_t gaps = e.tale.arrival()->lengths.output - 1;
  const Duration ttft = scenario::total(*e.causes.ttft), e2e = scenario::total(*e.causes.e2e);
  std::string tpot;
  if (gaps > 0) tpot = fmt::format(", TPOT {:.2f} ms", to_seconds(e2e - ttft).value() * 1e3 / gaps);
  return fmt::format("\nTTFT {}{}, E2E {}\n", in_seconds(ttft), tpot, in_seconds(e2e));
}

}  // namespace

std::string explain_text(const Explanation& e) {
  Story story(e);
  for (const fleet::Happening& h : e.tale.happenings()) std::visit(story, h);
  return heading(e) + story.text + by_cause(e) + verdict(e);
}

}  // namespace tideline::report
