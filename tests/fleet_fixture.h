// A small fleet whose times are given, not modelled: for tests of what the fleet does with them.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/fleet/simulation.h"
#include "sim/step/surface_times.h"

namespace tideline::testing {

struct Recorder : fleet::Observer {
  std::vector<fleet::Finished> requests;
  void finished(std::span<const fleet::Finished> batch) override {
    requests.insert(requests.end(), batch.begin(), batch.end());
  }
  std::vector<fleet::SetBack> set_backs;
  void set_back(std::span<const fleet::SetBack> batch) override {
    set_backs.insert(set_backs.end(), batch.begin(), batch.end());
  }
  const fleet::Finished& by_id(std::uint64_t id) const {
    for (const auto& r : requests)
      if (r.id == id) return r;
    throw std::out_of_range("no such request finished");
  }
};

// Arrivals made one at a time, until there is none.
struct OneByOne : workload::ArrivalSource {
  explicit OneByOne(std::function<std::optional<workload::Arrival>()> make) : next(std::move(make)) {}
  std::size_t read(std::span<workload::Arrival> arrivals) override {
    std::size_t count = 0;
    while (count < arrivals.size()) {
      const auto arrival = next();
      if (!arrival) break;
      arrivals[count++] = *arrival;
    }
    return count;
  }
  std::function<std::optional<workload::Arrival>()> next;
};

inline std::int64_t ms(double t) {
  return static_cast<std::int64_t>(t * 1e6);
}

// The tables between the models and the fleet are linear between their points: times are near, not equal.
inline bool near(Instant t, double want_ms) {
  return std::abs(static_cast<double>(t.ns - ms(want_ms))) < 2e4;
}

class SmallFleet {
 public:
  // One prefill and one decode unit of `gpus` GPUs each; caches move in no time, a KV block is a token.
  explicit SmallFleet(std::int64_t gpus = 1) {
    catalog::Llm llm;
    llm.layers = llm.dense_layers = 1;
    llm.hidden = 64, llm.heads = llm.kv_heads = 1, llm.head_dim = 64, llm.vocabulary = 100,
    llm.dense_width = 64;
    step::Unit unit;
    unit.llm = llm;
    unit.node.gpu.memory = Bytes(1e9);
    unit.node.gpus = gpus;
    unit.nodes = 1;
    fleet.prefill.unit = fleet.decode.unit = unit;
    fleet.prefill.unit.phase = step::Phase::kPrefill;
    fleet.decode.unit.phase = step::Phase::kDecode;
    fleet.decode.kv_block_tokens = 1;
    fleet.transfer_rate = BytesPerSecond(1e18);
    fleet.prefill.cache_read_rate = fleet.prefill.memory_read_rate = fleet.transfer_rate;
    fleet.schedule = {{Instant{-kNsPerHour}, 1, 1}};
    settings.warm_up = {};
    settings.window = {kNsPerHour};
  }

  // Room for that many cached tokens on a decode rank, or a GPU of the prefill unit.
  void decode_room(double tokens) { set_room(fleet.decode.unit, tokens); }
  void prefill_room(double tokens) { set_room(fleet.prefill.unit, tokens); }
  // A NIC carries a cache of so many tokens in so many milliseconds.
  void carries(double tokens, double ms) {
    fleet.transfer_rate = fleet.decode.unit.llm.kv_per_token() * Tokens(tokens) / Seconds(1e-3 * ms);
  }
  static void set_room(step::Unit& unit, double tokens) {
    unit.node.gpu.memory = unit.weights_per_gpu() + unit.llm.kv_per_token() * Tokens(tokens + 0.5);
  }

  // Arrivals at given milliseconds, ids in order.
  void request(double at_ms, std::int32_t input, std::int32_t output, std::int32_t cached = 0) {
    arrivals.push_back({Instant{ms(at_ms)}, arrivals.size(), 0, {input, cached, output}});
  }

  fleet::RunTotals run() { return run_with(in_order()); }
  fleet::RunTotals run_with(const std::function<std::optional<workload::Arrival>()>& next) {
    step::SurfaceTimes times(step::PrefillSurface(pass_time, step::weigh(pass_time), 65536, 65536),
                             step::DecodeSurface(step_time, 4096, 1e6));
    return simulate_on(times, next);
  }
  // Lengths come with the arrivals; drafts are accepted as the fleet says, or as the class says itself.
  static workload::RequestClass request_class(std::optional<double> acceptance = {}) {
    const std::string drafts =
        acceptance ? fmt::format(R"(, "draft_acceptance": {})", *acceptance) : std::string();
    const std::string one = R"("input_tokens": {"constant": 1}, "output_tokens": {"constant": 1})";
    const auto document =
        config::Document::parse(fmt::format(R"({{"name": "all", {}{}}})", one, drafts), "class.json");
    return workload::RequestClass::read(document.root());
  }
  // Times that are asked for at every step, not read from tables.
  fleet::RunTotals run_on(step::StepTimes& times) { return simulate_on(times, in_order()); }

 private:
  [[nodiscard]] std::function<std::optional<workload::Arrival>()> in_order() const {
    return [this, next = std::size_t{0}]() mutable -> std::optional<workload::Arrival> {
      if (next == arrivals.size()) return std::nullopt;
      return arrivals[next++];
    };
  }
  fleet::RunTotals simulate_on(step::StepTimes& times,
                               const std::function<std::optional<workload::Arrival>()>& next) {
    OneByOne source(next);
    return simulate(fleet, classes, source, times, settings, watcher ? *watcher : recorder);
  }

 public:
  fleet::Fleet fleet;
  fleet::RunSettings settings;
  std::vector<workload::RequestClass> classes = {request_class()};
  std::vector<workload::Arrival> arrivals;
  Recorder recorder;
  fleet::Observer* watcher = nullptr;  // instead of the recorder
  // Defaults: a pass takes 1 ms a token of the busiest GPU, a step 10 ms.
  step::PassTime pass_time = [](const step::PrefillLoad& l) {
    return Seconds(1e-3 * l.tokens_busiest + 1e-15 * l.pairs_busiest);
  };
  step::DecodeSurface::StepTime step_time = [](const step::DecodeLoad&) { return Seconds(10e-3); };
};

// Prefill and decode have room for 300 tokens of cache, and the memory of prefill fills: it computes the
// third prompt only when it hears, at 2 s, that decode has taken the second's cache.
inline SmallFleet full_prefill() {
  SmallFleet f;
  f.prefill_room(300);
  f.decode_room(300);
  f.request(0, 128, 100);  // its cache leaves prefill at 128 ms
  f.request(1, 128, 50);   // computed at 256 ms; finds no room in decode before 1118 ms
  f.request(2, 128, 1);    // 44 tokens of memory are left
  return f;
}

}  // namespace tideline::testing
