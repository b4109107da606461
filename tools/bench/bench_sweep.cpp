// A study of small points: what a point costs beyond its simulation, on one core and on two, and what a row
// of results costs to write and to read.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "sim/base/check.h"
#include "sim/scenario/result.h"
#include "sim/sweep/merge.h"
#include "tools/bench/measurement.h"

namespace tideline::bench {
namespace {

namespace fs = std::filesystem;

// One unit of each kind under a fiftieth of the flagship's load for four minutes: 33,000 requests, some 20
// ms.
constexpr const char* kStudy = R"({{"question": "?", "base": "{}", {}, "metrics":
  ["gross_margin", "cost_profit_ratio", "output_speed_tok_s_user", "ttft_s.p99", "tpot_s.p99", "e2e_s.p99",
   "queue_s.p99", "decode_requests_per_gpu", "kv_fill_max", "saturated"],
  "set": ["workload.output_tokens_per_day=3 Gtok", "duration=3 min", "warm_up=1 min",
  "fleet.schedule=[{{\"from\": \"00:00\", \"prefill_units\": 1, \"decode_units\": 1}}]"]}})";
// One scenario, met by other requests in every point.
constexpr const char* kReplications = R"("replications": 100000)";
// Every point a scenario of its own: what it asks of the fleet differs, and what a step is.
constexpr const char* kLoads =
    R"("axes": {"workload.output_tokens_per_day": {"from": "2.9 Gtok", "to": "3.1 Gtok", "count": 100000}})";
constexpr const char* kSteps =
    R"("axes": {"decode.host_gap": {"from": "0.9 ms", "to": "1.1 ms", "count": 100000}})";
constexpr std::uint64_t kPoints = 60, kPointsOfSteps = 3, kRows = 100'000;
constexpr int kRepetitions = 3;

// A folder of its own, gone in the end.
struct Bench {
  explicit Bench(const char* varied = kReplications)
      : folder(fs::temp_directory_path() / fmt::format("tideline-bench-{}", getpid())) {
    fs::create_directories(folder);
    setenv("TIDELINE_CACHE", "", 1);  // no steps that an earlier run of this has left on the disk
    std::ofstream(folder / "study.json")
        << fmt::format(kStudy, TIDELINE_SOURCE_SCENARIOS "/deepseek-2025-02-27.json", varied);
    study = sweep::read_study((folder / "study.json").string());
    identity = sweep::identity_of(study);
  }
  ~Bench() { fs::remove_all(folder); }
  fs::path folder;
  sweep::Study study;
  sweep::Identity identity;
};

// So many points evenly among all of them; others each time, so that nothing is known of them.
sweep::Shard some_of(const Bench& b, std::uint64_t points, std::uint64_t time) {
  return {.index = time, .count = b.study.points() / points, .told_by = ""};
}

Result points_on(int threads, const char* varied = kReplications, std::uint64_t points = kPoints) {
  const Bench b(varied);
  std::uint64_t times = 0;
  return time_of(static_cast<double>(points), kRepetitions, [&] {
    const sweep::Shard some = some_of(b, points, times++);
    sweep::ShardFile file(b.folder, b.study, b.identity, some);
    const sweep::Tally t = sweep::run_shard(b.study, b.identity, file,
                                            {.shard = some, .threads = threads, .stop = {}, .progress = {}});
    CHECK(t.done >= points && t.failed == 0, "{} points done", t.done);
  });
}

// Of the very same points the simulation alone: scenarios read, surfaces at hand.
Result simulation_of(const char* varied) {
  const Bench b(varied);
  std::vector<std::pair<scenario::Scenario, scenario::RunOptions>> runs[kRepetitions + 1];
  for (std::uint64_t time = 0; time <= kRepetitions; ++time)
    for (std::uint64_t n = 0; n < kPoints; ++n) {
      const sweep::Point p = sweep::point(b.study, some_of(b, kPoints, time).point(n));
      runs[time].emplace_back(
          scenario::read(b.study.scenario.with(sweep::changes(b.study, p))),
          scenario::RunOptions{.replication = p.replication, .bands = false, .progress = {}});
    }
  std::uint64_t times = 0;
  return time_of(static_cast<double>(kPoints), kRepetitions, [&] {
    for (const auto& [scenario, options] : runs[times]) (void)scenario::run(scenario, options);
    ++times;
  });
}

sweep::Row row_of(const Bench& b, std::uint64_t number) {
  sweep::Row row{.point = number, .key = {}, .message = ""};
  row.key = sweep::key_of(b.study, b.identity, sweep::point(b.study, number));
  for (std::size_t m = 0; m < b.study.metrics.size(); ++m)
    row.metrics.push_back(static_cast<double>(number + 1) / static_cast<double>(m + 3));
  return row;
}

void write_rows(const Bench& b) {
  sweep::ShardFile file(b.folder, b.study, b.identity, {});
  for (std::uint64_t n = 0; n < kRows; ++n) file.append(line_of(row_of(b, n), b.study.metrics));
}

}  // namespace

Result sweep_simulation() {
  return simulation_of(kReplications);
}
Result sweep_point() {
  return points_on(1);
}
Result sweep_point_on_two() {
  return points_on(2);
}
Result sweep_loads_simulation() {
  return simulation_of(kLoads);
}
Result sweep_loads() {
  return points_on(1, kLoads);
}
Result sweep_steps() {
  return points_on(1, kSteps, kPointsOfSteps);
}

Result sweep_write() {
  const Bench b;
  return time_of(static_cast<double>(kRows), kRepetitions, [&] { write_rows(b); });
}

Result sweep_merge() {
  const Bench b;
  write_rows(b);
  return time_of(static_cast<double>(kRows), kRepetitions, [&] {
    fs::remove(b.folder / "points.sqlite");
    const sweep::Store store = sweep::Store::read(b.folder);
    const sweep::Count c = merge(b.study, b.identity, store, (b.folder / "points.sqlite").string());
    CHECK(c.tally.done == kRows, "{} rows", c.tally.done);
  });
}

}  // namespace tideline::bench
