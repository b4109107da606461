// How far is the prefix cache from what was published of a real trace? The hit curve of Mooncake's
// conversation trace (Kimi, 12,031 requests in an hour, blocks of 512 tokens) by capacity and by retention.
// The trace is not part of this repository: the test is skipped where it is absent.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <optional>

#include "sim/workload/cached_arrivals.h"
#include "sim/workload/traces/trace_arrivals.h"
#include "tests/doctest.h"
#include "tests/skip.h"

namespace tideline::workload {
namespace {

const std::string kTrace =
    TIDELINE_SOURCE_DIR "/../shared/reference/workloads/mooncake_conversation_trace.jsonl";
constexpr double kGoal = 0.5;  // percentage points

struct Point {
  std::optional<double> blocks, retention_s;
  double hit_percent;
};
// Of all input tokens, from the trace by the same rules in another program.
constexpr std::array kPoints = {
    Point{{}, {}, 37.4},  Point{1e3, {}, 4.5},  Point{5e3, {}, 11.4}, Point{1e4, {}, 21.6},
    Point{2e4, {}, 29.4}, Point{5e4, {}, 36.2}, Point{1e5, {}, 37.1}, Point{{}, 60, 10.5},
    Point{{}, 120, 19.5}, Point{{}, 300, 29.3}, Point{{}, 600, 35.0}, Point{{}, 1200, 36.7},
};

double hit_percent(const traces::TraceLoad& load, const Point& point) {
  PrefixCaching caching{.kind = HitModel::kLru,
                        .capacity_tokens = point.blocks.value_or(0.0) * 512.0,
                        .retention = {},
                        .block_tokens = 512};
  if (point.retention_s) caching.retention = to_duration(Seconds(*point.retention_s));
  CachedArrivals arrivals(traces::make_trace_arrivals(load, 1, 0, Instant{0}), caching, Instant{0});
  std::array<Arrival, 256> batch;
  double input = 0.0, cached = 0.0;
  for (std::size_t n = batch.size(); n == batch.size();) {
    n = arrivals.read(batch);
    for (std::size_t i = 0; i < n; ++i) input += batch[i].lengths.input, cached += batch[i].lengths.cached;
  }
  return 100.0 * cached / input;
}

TEST_CASE("the hits of Mooncake's conversations, by capacity and by retention, within half a point") {
  if (!std::filesystem::exists(kTrace)) return testing::skip(kTrace);
  const auto document = config::Document::parse(R"({"trace": {"file": ")" + kTrace + R"("}})", "test.json");
  const traces::TraceLoad load = traces::read_trace_load(document.root());
  CHECK(load.contents.requests == 12031);
  fmt::print("{:>8} {:>10} {:>10} {:>8} {:>8}\n", "blocks", "retention", "published", "here", "points");
  for (const Point& p : kPoints) {
    const double here = hit_percent(load, p);
    fmt::print("{:>8} {:>10} {:>8.1f} % {:>6.1f} % {:>+8.2f}\n",
               p.blocks ? fmt::format("{:.0f}", *p.blocks) : "any",
               p.retention_s ? fmt::format("{:.0f} s", *p.retention_s) : "any", p.hit_percent, here,
               here - p.hit_percent);
    CHECK(std::abs(here - p.hit_percent) < kGoal);
  }
}

}  // namespace
}  // namespace tideline::workload
