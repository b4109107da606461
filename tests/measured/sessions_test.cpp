// Do conversations and a cache of a given size make the totals of the DeepSeek day? The scenario's parameters
// were fitted to these very totals (its "_fitted" says which to which), so this is a test that they still
// meet them, and of the scale: a thousandth and a hundredth of the day give the same hits, because sessions
// are independent of one another and what a cache holds depends on its size over the rate at which it is
// filled. System prompts are shared, so their number has to shrink with the rate.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "sim/workload/arrivals.h"
#include "tests/doctest.h"

namespace tideline::workload {
namespace {

struct Totals {
  double requests = 0.0, input = 0.0, cached = 0.0, output = 0.0, kv = 0.0;
  [[nodiscard]] double hit() const { return cached / input; }
};

Totals day_at(int divisor) {
  const auto per = [&](double whole) { return fmt::format("{} tok", whole / divisor); };
  const auto document = config::Document::load(
      TIDELINE_SOURCE_DIR "/scenarios/deepseek-2025-02-27-sessions.json",
      {"workload.output_tokens_per_day=" + per(168e9), "workload.prefix_cache.capacity=" + per(10e9),
       fmt::format("workload.sessions.kinds.2.system_prompt.count={}", 100000 / divisor)});
  const Workload w = read_workload(document.root().object("workload"), 12);
  const auto source = make_arrivals(w, 1, 0, Instant{0});
  Totals t;
  std::array<Arrival, 512> batch;
  for (;;) {
    source->read(batch);
    for (const Arrival& a : batch) {
      if (a.at.ns >= 24 * kNsPerHour) return t;
      const auto input = static_cast<double>(a.lengths.input), output = static_cast<double>(a.lengths.output);
      t.requests += 1.0;
      t.input += input;
      t.cached += a.lengths.cached;
      t.output += output;
      t.kv += output * (input + 0.5 * (output + 1.0));
    }
  }
}

TEST_CASE("the day's totals by sessions, at a thousandth and at a hundredth of its rate") {
  fmt::print("{:>10} {:>10} {:>12} {:>8} {:>14} {:>8}\n", "of the day", "requests", "input/output", "hits",
             "KV per output", "Gtok out");
  fmt::print("{:>10} {:>10} {:>12.3f} {:>6.1f} % {:>14.0f} {:>8.1f}\n", "published", "", 608.0 / 168.0, 56.25,
             4989.0, 168.0);
  double hits = 0.0;
  for (const int divisor : {1000, 100}) {
    const Totals t = day_at(divisor);
    fmt::print("{:>10} {:>10.0f} {:>12.3f} {:>6.1f} % {:>14.0f} {:>8.1f}\n", fmt::format("1/{}", divisor),
               t.requests, t.input / t.output, 100.0 * t.hit(), t.kv / t.output, t.output * divisor * 1e-9);
    CHECK(t.output * divisor == testing::about(168e9, 0.01));
    CHECK(t.input / t.output == testing::about(608.0 / 168.0, 0.02));
    CHECK(t.hit() == testing::about(0.563, 0.02));
    CHECK(t.kv / t.output == testing::about(4989, 0.02));
    if (hits > 0.0) CHECK(std::abs(t.hit() - hits) < 0.01);
    hits = t.hit();
  }
}

}  // namespace
}  // namespace tideline::workload
