// The same fleet, written a second time to be read and not to be fast: one list of events for the whole
// fleet, one event for every token, and every number that a decision needs is added up anew when it is taken.
//
// It knows least_work and least_loaded, admission by what is reserved, transfers after the prompt; no
// drafting, nothing that fails, no unit that comes or goes, and memory of prefill without end.
#pragma once

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "sim/fleet/fleet.h"
#include "sim/step/step_times.h"
#include "sim/workload/arrivals.h"

namespace tideline::testing {

class NaiveFleet {
 public:
  struct Life {
    Instant first_token, last_token;
    bool cut = false, waited = false;  // its prompt went through several passes; it waited for a rank
  };

  NaiveFleet(const fleet::Fleet& fleet, step::StepTimes& times)
      : fleet_(fleet),
        times_(times),
        weights_(times.prefill_weights()),
        prefill_(static_cast<std::size_t>(fleet.schedule[0].prefill_units)),
        decode_(static_cast<std::size_t>(fleet.schedule[0].decode_units)) {
    for (PrefillUnit& u : prefill_) {
      u.readers.resize(static_cast<std::size_t>(fleet.prefill.unit.nodes), Instant{INT64_MIN});
      u.nics.resize(prefill_gpus(), Instant{INT64_MIN});
    }
    for (DecodeUnit& u : decode_) {
      u.ranks.resize(static_cast<std::size_t>(fleet.decode.unit.gpus()));
      u.nics.resize(u.ranks.size(), Instant{INT64_MIN});
    }
  }

  // By id.
  std::vector<Life> serve(const std::vector<workload::Arrival>& arrivals) {
    for (const workload::Arrival& a : arrivals) requests_.push_back({.arrival = a});
    for (Request& r : requests_) at(r.arrival.at, [this, &r] { arrives(r); });
    while (!events_.empty()) {
      const auto first = events_.begin();
      now_ = first->first;
      const auto act = first->second;
      events_.erase(first);
      act();
    }
    std::vector<Life> lives;
    for (const Request& r : requests_) lives.push_back(r.life);
    return lives;
  }

 private:
  struct Request {
    workload::Arrival arrival;
    std::int32_t computed = 0;  // of its prompt, by passes
    std::int32_t made = 0;      // of its answer, by steps
    Instant read{};             // its cached prefix
    std::size_t prefill = 0, gpu = 0, rank = 0;
    Instant ready{};  // on its rank
    Life life{};
    [[nodiscard]] double held() const { return arrival.lengths.input + made; }
    [[nodiscard]] double at_end() const { return arrival.lengths.input + arrival.lengths.output - 1; }
    [[nodiscard]] double context() const { return arrival.lengths.cached + computed; }
    [[nodiscard]] double left() const { return arrival.lengths.input - context(); }
  };
  struct Gpu {
    double tokens = 0, pairs = 0, context = 0, work = 0;
  };
  struct PrefillUnit {
    std::deque<Request*> cut, queue;
    std::vector<Instant> readers, nics;
    bool busy = false;
    double pass_time = 0, pass_end = -1e9;
    std::uint64_t passes = 0;
  };
  struct Rank {
    std::vector<Request*> booked, standing;  // its cache is on its way; it steps
  };
  struct DecodeUnit {
    std::vector<Rank> ranks;
    std::vector<Instant> nics;
    bool stepping = false;
    std::uint64_t steps = 0;
  };

  void at(Instant t, std::function<void()> act) { events_.emplace(t, std::move(act)); }
  [[nodiscard]] std::size_t prefill_gpus() const {
    return static_cast<std::size_t>(fleet_.prefill.unit.gpus());
  }

  // Prefill.

  static double pairs(double context, double tokens) {
    return tokens * context + 0.5 * tokens * (tokens + 1);
  }
  [[nodiscard]] double work(double context, double tokens) const {
    return weights_.work(tokens, pairs(context, tokens), context + tokens);
  }
  [[nodiscard]] double budget() const {
    return static_cast<double>(fleet_.prefill.tokens_per_gpu) *
           (weights_.pairs_per_token + static_cast<double>(fleet_.prefill.attended_per_token));
  }
  // When a pass begins that has room for one more prompt.
  [[nodiscard]] double free_at(const PrefillUnit& u) const {
    double waits = 0;
    for (const auto* prompts : {&u.cut, &u.queue})
      for (const Request* r : *prompts) waits += std::floor(work(r->context(), r->left()));
    return u.pass_end + std::floor(waits / (budget() * static_cast<double>(prefill_gpus()))) * u.pass_time;
  }
  void arrives(Request& r) {
    r.prefill = 0;
    for (std::size_t u = 1; u < prefill_.size(); ++u)
      if (free_at(prefill_[u]) < free_at(prefill_[r.prefill])) r.prefill = u;
    PrefillUnit& u = prefill_[r.prefill];
    r.read = now_;
    if (r.arrival.lengths.cached > 0) {
      Instant& node = *std::min_element(u.readers.begin(), u.readers.end());
      const workload::Lengths& l = r.arrival.lengths;
      node = std::max(node, now_) + Duration{static_cast<std::int64_t>(
                                        (l.cached - l.in_memory) * ns_a_token(read_rate()) +
                                        l.in_memory * ns_a_token(fleet_.prefill.memory_read_rate) + 0.5)};
      r.read = node;
    }
    u.queue.push_back(&r);
    at(r.read, [this, &u] { start_pass(u); });
  }
  // Of a node, whose NICs are all whole.
  [[nodiscard]] BytesPerSecond read_rate() const {
    const fleet::PrefillSettings& p = fleet_.prefill;
    if (fleet_.storage == policy::Storage::kOwnNetwork) return p.cache_read_rate;
    const BytesPerSecond nic = fleet_.transfer_rate * (1.0 - p.exchange_share);
    return std::min(p.cache_read_rate, nic * static_cast<double>(p.unit.node.gpus));
  }
  [[nodiscard]] Duration carries(BytesPerSecond rate, double tokens) const {
    return Duration{static_cast<std::int64_t>(tokens * ns_a_token(rate) + 0.5)};
  }
  [[nodiscard]] double ns_a_token(BytesPerSecond rate) const {
    return (fleet_.kv_per_token() * Tokens(1.0) / rate).value() * 1e9;
  }
  // The GPU with the least work takes what its budgets allow of a prompt. False: all are full.
  bool place(Request& r, std::vector<Gpu>& gpus, std::vector<Request*>& completes,
             std::deque<Request*>& cut) const {
    constexpr double kChunkMin = 128;
    const auto tokens_max = static_cast<double>(fleet_.prefill.tokens_per_gpu);
    std::optional<std::size_t> least;
    for (std::size_t g = 0; g < gpus.size(); ++g) {
      const bool full = gpus[g].tokens >= tokens_max ||
                        (gpus[g].tokens > 0 && gpus[g].work + work(0, kChunkMin) > budget());
      if (!full && (!least || gpus[g].work < gpus[*least].work)) least = g;
    }
    if (!least) return false;
    Gpu& gpu = gpus[*least];
    double part = std::min(r.left(), tokens_max - gpu.tokens);
    if (gpu.work + work(r.context(), part) > budget()) {
      double affordable = 0;
      while (gpu.work + work(r.context(), affordable + 1) <= budget()) ++affordable;
      part = std::min(part, std::max(kChunkMin, affordable));
    }
    gpu.tokens += part;
    gpu.pairs += pairs(r.context(), part);
    gpu.work += work(r.context(), part);
    gpu.context += r.context() + part;
    r.gpu = *least;
    const bool whole = part == r.left();
    r.computed += static_cast<std::int32_t>(part);
    r.life.cut = r.life.cut || !whole;
    whole ? completes.push_back(&r) : cut.push_back(&r);
    return true;
  }
  void start_pass(PrefillUnit& u) {
    if (u.busy) return;
    std::vector<Gpu> gpus(prefill_gpus());
    std::vector<Request*> completes;
    std::deque<Request*> cut, stay;
    for (Request* r : u.cut)
      if (!place(*r, gpus, completes, cut)) cut.push_back(r);
    bool room = true;
    for (Request* r : u.queue) {
      room = room && (r->read > now_ || place(*r, gpus, completes, cut));
      if (!room || r->read > now_) stay.push_back(r);
    }
    u.cut = cut, u.queue = stay;
    if (completes.empty() && cut.empty()) return;
    std::vector<double> tokens, pairs, context;
    for (const Gpu& g : gpus)
      tokens.push_back(g.tokens), pairs.push_back(g.pairs), context.push_back(g.context);
    const Seconds takes =
        times_.prefill_pass({.tokens = tokens, .pairs = pairs, .context = context}, {0, u.passes++});
    u.busy = true;
    u.pass_time = takes.value();
    u.pass_end = to_seconds(now_).value() + takes.value();
    at(now_ + to_duration(takes), [this, &u, completes] {
      u.busy = false;
      for (Request* r : completes) computed(*r);
      start_pass(u);
    });
  }

  // Decode.

  void computed(Request& r) {
    r.life.first_token = r.life.last_token = now_;
    if (r.arrival.lengths.output == 1) return;
    if (!waiting_.empty() || !finds_rank(r)) r.life.waited = true, waiting_.push_back(&r);
  }
  [[nodiscard]] double load(const Rank& rank) const {
    double load = 0;
    for (const auto* requests : {&rank.booked, &rank.standing})
      for (const Request* r : *requests) load += r->held() + fleet_.decode.request_weight;
    return load;
  }
  [[nodiscard]] double load(const DecodeUnit& unit) const {
    double sum = 0;
    for (const Rank& rank : unit.ranks) sum += load(rank);
    return sum;
  }
  // Of the tokens it will hold, and of one more.
  [[nodiscard]] std::int64_t blocks_at_end(const Request& r) const {
    return static_cast<std::int64_t>(r.at_end()) / fleet_.decode.kv_block_tokens + 1;
  }
  [[nodiscard]] bool fits(const Request& r, const Rank& rank) const {
    std::int64_t blocks = blocks_at_end(r);
    for (const auto* requests : {&rank.booked, &rank.standing})
      for (const Request* other : *requests) blocks += blocks_at_end(*other);
    return blocks <= fleet_.decode.kv_blocks();
  }
  // From the least loaded on, in a circle.
  template <class Servers>
  [[nodiscard]] std::size_t least_loaded(const Servers& servers) const {
    std::size_t least = 0;
    for (std::size_t s = 1; s < servers.size(); ++s)
      if (load(servers[s]) < load(servers[least])) least = s;
    return least;
  }
  bool finds_rank(Request& r) {
    const std::size_t first_unit = least_loaded(decode_);
    for (std::size_t i = 0; i < decode_.size(); ++i) {
      DecodeUnit& unit = decode_[(first_unit + i) % decode_.size()];
      const std::size_t first_rank = least_loaded(unit.ranks);
      for (std::size_t j = 0; j < unit.ranks.size(); ++j) {
        r.rank = (first_rank + j) % unit.ranks.size();
        if (!fits(r, unit.ranks[r.rank])) continue;
        goes(r, unit);
        return true;
      }
    }
    return false;
  }
  // Over both NICs at once; each carries one cache after the other.
  void goes(Request& r, DecodeUnit& unit) {
    const auto carry = [&](Instant& nic, double exchange_share) {
      nic = std::max(nic, now_) + carries(fleet_.transfer_rate * (1.0 - exchange_share), r.held());
      return nic;
    };
    r.ready = std::max(carry(prefill_[r.prefill].nics[r.gpu], fleet_.prefill.exchange_share),
                       carry(unit.nics[r.rank], fleet_.decode.exchange_share));
    unit.ranks[r.rank].booked.push_back(&r);
    at(r.ready, [this, &unit] {
      if (!unit.stepping) start_step(unit);
    });
  }
  void start_step(DecodeUnit& unit) {
    std::vector<double> requests, kv;
    for (Rank& rank : unit.ranks) {
      for (Request* r : rank.booked)
        if (r->ready <= now_) rank.standing.push_back(r);
      std::erase_if(rank.booked, [&](const Request* r) { return r->ready <= now_; });
      requests.push_back(static_cast<double>(rank.standing.size()));
      double tokens = 0;
      for (const Request* r : rank.standing) tokens += r->held();
      kv.push_back(tokens);
    }
    double all = 0;
    for (const double n : requests) all += n;
    unit.stepping = all > 0;
    if (!unit.stepping) return;
    const Instant end =
        now_ + to_duration(times_.decode_step({.requests = requests, .kv_tokens = kv, .requests_all = all},
                                              {0, unit.steps++}));
    for (Rank& rank : unit.ranks)
      for (Request* r : rank.standing) at(end, [this, &rank, r] { token(*r, rank); });
    at(end, [this, &unit] {
      while (!waiting_.empty() && finds_rank(*waiting_.front())) waiting_.pop_front();
      start_step(unit);
    });
  }
  void token(Request& r, Rank& rank) {
    r.life.last_token = now_;
    if (++r.made == r.arrival.lengths.output - 1) std::erase(rank.standing, &r);
  }

  const fleet::Fleet& fleet_;
  step::StepTimes& times_;
  step::PrefillWeights weights_;
  std::vector<PrefillUnit> prefill_;
  std::vector<DecodeUnit> decode_;
  std::vector<Request> requests_;
  std::deque<Request*> waiting_;                          // for a rank with room
  std::multimap<Instant, std::function<void()>> events_;  // of one instant: as they were said
  Instant now_;
};

}  // namespace tideline::testing
