// What is each thing that the flagship does for its speed worth? Minutes of its day on one
// of its nine decode units, lightly loaded so that nothing saturates, and steps of that unit. What happens at
// a time of the day is none of theirs.
#include "sim/scenario/ablation.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/doctest.h"

namespace tideline::scenario {
namespace {

const Ablation& flagship() {
  static const Ablation a =
      ablate(TIDELINE_FLAGSHIP,
             {"workload.output_tokens_per_day=10 Gtok",
              R"(prefill.failures.outages=[{"at": "13:00", "unit": 0, "down": "1 h"}])",
              R"(decode.maintenance=[{"at": "14:00", "unit": 0, "down": "1 h"}])",
              R"(fleet.schedule=[{"from": "00:00", "prefill_units": 3, "decode_units": 1}])"},
             {.window = {60 * kNsPerSecond},
              .warm_up = {60 * kNsPerSecond},
              .only = {"expert_balancer", "draft_tokens", "nvlink_in_node"}});
  return a;
}

const AblationRow& row(const std::string& key) {
  return *std::ranges::find(flagship().rows, key, &AblationRow::key);
}

const OverlapPoint& step_of(std::int64_t requests) {
  return *std::ranges::find(flagship().crossing.points, requests, &OverlapPoint::requests);
}

TEST_CASE("the busiest and the quietest hour of the day are found, whenever the scenario starts") {
  REQUIRE(flagship().loads.size() == 2);
  CHECK(flagship().loads[0].start == "2025-02-27T22:00:00+08:00");
  CHECK(flagship().loads[1].start == "2025-02-27T04:00:00+08:00");
  CHECK(flagship().loads[0].requests_per_s > 4.0 * flagship().loads[1].requests_per_s);
}

TEST_CASE("the base is what the others are compared with, and nothing saturates") {
  for (const AblationRow& r : flagship().rows)
    for (const AblationPoint& p : r.points) CHECK(p.saturated == "");
  for (const AblationPoint& p : row("base").points) CHECK(p.speed_change == 0.0);
}

TEST_CASE("without a drafted token every user reads more slowly, by day and by night") {
  for (const AblationPoint& p : row("draft_tokens").points) CHECK(p.speed_change < -0.05);
}

TEST_CASE("without EPLB every user reads more slowly by day") {
  CHECK(row("expert_balancer").points[0].speed_change < -0.02);
}

TEST_CASE("a switch that changes nothing is left out, and says why") {
  CHECK(row("nvlink_in_node").points.empty());
  CHECK(row("nvlink_in_node").note == "wants exchanges that are counted: decode.exchange=counted");
}

TEST_CASE("two micro-batches lose with one request on a GPU and win with 128") {
  CHECK(step_of(1).two_batch > step_of(1).none);
  CHECK(step_of(128).two_batch < step_of(128).none);
  CHECK(flagship().crossing.wins_from > 1);
  CHECK(flagship().crossing.wins_from <= 128);
}

std::vector<AblationLoad> loads_of(const std::string& file, const std::vector<std::string>& overrides) {
  const auto path = std::filesystem::path(TIDELINE_FLAGSHIP).replace_filename(file);
  return ablate(path.string(), overrides,
                {.window = {60 * kNsPerSecond}, .warm_up = {30 * kNsPerSecond}, .only = {"decode_balancer"}})
      .loads;
}

TEST_CASE("sessions have their busiest and quietest hour too; a trace is run from its beginning") {
  const auto sessions =
      loads_of("deepseek-2025-02-27-sessions.json",
               {"workload.output_tokens_per_day=200 Mtok", "workload.sessions.history=1 min"});
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0].start == "2025-02-27T22:00:00+08:00");
  CHECK(sessions[1].start == "2025-02-27T04:00:00+08:00");
  CHECK(sessions[0].requests_per_s > 4.0 * sessions[1].requests_per_s);

  const auto trace = loads_of("mooncake-conversation.json", {});
  REQUIRE(trace.size() == 1);
  CHECK(trace[0].start == "2025-02-27T12:00:00+08:00");
  CHECK(trace[0].requests_per_s > 1.0);
}

}  // namespace
}  // namespace tideline::scenario
