// A study of small points: what a point costs beyond its simulation, on one core and on two, and what a row
// of results costs to write and to read.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "sim/base/check.h"
#include "sim/scenario/result.h"
#include "sim/sweep/merge.h"
#include "tools/bench/measurement.h"

namespace tideline::bench {
namespace {

namespace fs = std::filesystem;

// One unit of each kind under a fiftieth of the flagship's load for four minutes: 33,000 requests, some 20
// ms.
constexpr const char* kStudy = R"({{"question": "?", "base": "{}", "replications": 100000, "metrics":
  ["gross_margin", "cost_profit_ratio", "output_speed_tok_s_user", "ttft_s.p99", "tpot_s.p99", "e2e_s.p99",
   "queue_s.p99", "decode_requests_per_gpu", "kv_fill_max", "saturated"],
  "set": ["workload.output_tokens_per_day=3 Gtok", "duration=3 min", "warm_up=1 min",
  "fleet.schedule=[{{\"from\": \"00:00\", \"prefill_units\": 1, \"decode_units\": 1}}]"]}})";
constexpr std::uint64_t kPoints = 60, kRows = 100'000;
constexpr int kRepetitions = 3;

// A folder of its own, gone in the end.
struct Bench {
  Bench() : folder(fs::temp_directory_path() / fmt::format("tideline-bench-{}", getpid())) {
    fs::create_directories(folder);
    std::ofstream(folder / "study.json")
        << fmt::format(kStudy, TIDELINE_SOURCE_SCENARIOS "/deepseek-2025-02-27.json");
    study = sweep::read_study((folder / "study.json").string());
    identity = sweep::identity_of(study);
  }
  ~Bench() { fs::remove_all(folder); }
  fs::path folder;
  sweep::Study study;
  sweep::Identity identity;
};

Result points_on(int threads) {
  Bench b;
  return time_of(static_cast<double>(kPoints), kRepetitions, [&] {
    const sweep::Shard some{.index = 0, .count = b.study.points() / kPoints, .told_by = ""};
    sweep::ShardFile file(b.folder, b.study, b.identity, some);
    const sweep::Tally t = sweep::run_shard(b.study, b.identity, file,
                                            {.shard = some, .threads = threads, .stop = {}, .progress = {}});
    CHECK(t.done >= kPoints && t.failed == 0, "{} points done", t.done);
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
  const Bench b;
  const scenario::Scenario s = scenario::read(config::Document::load(b.study.base, b.study.set));
  std::uint32_t replication = 0;
  return time_of(static_cast<double>(kPoints), kRepetitions, [&] {
    for (std::uint64_t n = 0; n < kPoints; ++n)
      (void)scenario::run(s, {.replication = ++replication, .threads = 1, .bands = false, .progress = {}});
  });
}

Result sweep_point() {
  return points_on(1);
}
Result sweep_point_on_two() {
  return points_on(2);
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
