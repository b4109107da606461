// Studies: their designs, points, keys, and what is wrong with them.
#include "sim/sweep/study.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/sweep/identity.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::sweep {
namespace {

// A study of the flagship's scenario, from the lines that follow its base.
Study study(const std::string& lines) {
  const auto file = testing::scratch("study.json");
  std::ofstream(file) << R"({"question": "?", "base": ")" << TIDELINE_FLAGSHIP
                      << R"(", "metrics": ["gross_margin"],)" << lines << "}";
  const Study s = read_study(file);
  std::filesystem::remove(file);
  return s;
}

std::string inputs(const Study& s, std::uint64_t number) {
  std::string out;
  for (const Value& v : point(s, number).inputs) out += (out.empty() ? "" : " ") + v.json;
  return out;
}

TEST_CASE("what is shown of a study is the same study wherever it is kept") {
  namespace fs = std::filesystem;
  const fs::path folder = testing::scratch("shown");
  fs::create_directories(folder / "kept");
  std::ofstream(folder / "day.json") << R"({"extends": ")" TIDELINE_FLAGSHIP R"("})";
  std::ofstream(folder / "study.json") << R"({"question": "?", "base": "day.json", "metrics": ["requests"],
                                              "axes": {"decode.draft_acceptance": [0.8, 0.9]}})";
  const Study study = read_study((folder / "study.json").string());
  std::ofstream(folder / "kept/shown.json") << study.standalone;
  const Study shown = read_study((folder / "kept/shown.json").string());
  CHECK(fs::equivalent(shown.base, study.base));
  CHECK(identity_of(shown).base == identity_of(study).base);
  fs::remove_all(folder);
}

TEST_CASE("a study is another when a file changes that its scenario names, wherever it stands") {
  namespace fs = std::filesystem;
  const fs::path folder = testing::scratch("study");
  fs::create_directories(folder / "days/clients");
  const auto write = [&](const std::string& file, const std::string& text) {
    std::ofstream(folder / file) << text;
  };
  const auto day = [&](const std::string& trace) {
    write("days/day.json", R"({"extends": ")" TIDELINE_FLAGSHIP R"(", "question": "?", "published": null,
      "workload": {"classes": null, "hourly_profile": null, "between_hours": null,
                   "output_tokens_per_day": null, "trace": {"loop": true, "file": ")" +
                               trace + "\"}}}");
  };
  const auto identity = [&] { return identity_of(read_study((folder / "study.json").string())).base; };
  write("base.json", R"({"extends": "days/day.json"})");
  write("study.json", R"({"question": "?", "base": "base.json", "metrics": ["requests"],
                          "axes": {"decode.draft_acceptance": [0.8, 0.9]}})");

  day("trace.csv");
  write("days/trace.csv", "arrived_at,num_prefill_tokens,num_decode_tokens\n0,100,20\n1,100,20\n");
  const std::string trace = identity();
  CHECK(identity() == trace);
  write("days/trace.csv", "arrived_at,num_prefill_tokens,num_decode_tokens\n0,100,20\n1,100,40\n");
  CHECK(identity() != trace);

  day("clients");
  write("days/clients/chunk-0-trace.csv", "0,1,1,Gamma,1,1\n600,1,1,Gamma,1,1\n");
  write("days/clients/chunk-0-dataset.json",
        R"({"0": {"input_tokens": "{100: 1}", "output_tokens": "{1: 1}"}})");
  const std::string clients = identity();
  write("days/clients/chunk-0-dataset.json",
        R"({"0": {"input_tokens": "{100: 1}", "output_tokens": "{2: 1}"}})");
  CHECK(identity() != clients);
  fs::remove_all(folder);
}

TEST_CASE("what is set in a study is in it") {
  const auto file = testing::scratch("study.json");
  std::ofstream(file) << R"({"question": "?", "base": ")" << TIDELINE_FLAGSHIP
                      << R"(", "metrics": ["requests"],
                             "axes": {"decode.draft_acceptance": [0.8, 0.9]}})";
  const Study s = read_study(file, {"replications=3", "axes.decode.draft_acceptance=[0.7]"});
  std::filesystem::remove(file);
  CHECK(s.points() == 3);
}

TEST_CASE("a grid has every combination, its last axis fastest") {
  const Study s = study(R"("axes": {"decode.draft_acceptance": [0.8, 0.9],
      "workload.output_tokens_per_day": {"from": "100 Gtok", "to": "200 Gtok", "count": 3}})");
  CHECK(s.points() == 6);
  CHECK(inputs(s, 0) == R"(0.8 "100 Gtok")");
  CHECK(inputs(s, 1) == R"(0.8 "150 Gtok")");
  CHECK(inputs(s, 5) == R"(0.9 "200 Gtok")");
  CHECK(s.axes[1].column() == "workload.output_tokens_per_day [Gtok]");
}

TEST_CASE("steps of a range are round numbers, or of one ratio") {
  const Study s = study(R"("axes": {"decode.draft_acceptance": {"from": 0.7, "to": 0.9, "count": 3}})");
  CHECK(inputs(s, 1) == "0.8");
  const Study log = study(R"("axes": {"money.gpu_rate":
      {"from": "0.5 USD/h", "to": "8 USD/h", "count": 5, "scale": "log"}})");
  CHECK(inputs(log, 2) == R"("2 USD/h")");
}

TEST_CASE("a list takes the values of all axes together") {
  const Study s = study(R"("design": "list", "axes": {"decode.draft_acceptance": [0.8, 0.85, 0.9],
                           "decode.host_gap": ["1 ms", "2 ms", "3 ms"]})");
  CHECK(s.points() == 3);
  CHECK(inputs(s, 2) == R"(0.9 "3 ms")");
}

TEST_CASE("replications lie beside one another, then seeds, then configurations") {
  const Study s =
      study(R"("axes": {"decode.draft_acceptance": [0.8, 0.9]}, "seeds": [5, 6], "replications": 3)");
  CHECK(s.points() == 12);
  const Point p = point(s, 10);
  CHECK(p.inputs[0].json == "0.9");
  CHECK(p.seed == 6);
  CHECK(p.replication == 1);
  CHECK(overrides(s, p) == std::vector<std::string>{"decode.draft_acceptance=0.9", "seed=6"});
}

TEST_CASE("a Latin hypercube hits each slice of each axis once") {
  constexpr std::size_t kPoints = 50;
  const Study s = study(R"("design": "latin_hypercube", "points": 50, "axes": {
      "decode.draft_acceptance": {"from": 0, "to": 1}, "decode.memory_reserve": {"from": 0.1, "to": 0.2}})");
  for (std::size_t a = 0; a < 2; ++a) {
    std::vector<int> hits(kPoints);
    for (std::uint64_t i = 0; i < kPoints; ++i) {
      const Range& r = s.axes[a].range;
      const double share = (*point(s, i).inputs[a].number - r.from) / (r.to - r.from);
      ++hits.at(static_cast<std::size_t>(share * kPoints));
    }
    CHECK(hits == std::vector<int>(kPoints, 1));
  }
}

TEST_CASE("a Sobol design hits each of 2^k slices once under any seed, and listed values equally often") {
  for (const char* const seed : {"1", "2"}) {
    const Study s = study(std::string(R"("design": "sobol", "points": 64, "draw_seed": )") + seed +
                          R"(, "axes": {"decode.draft_acceptance": {"from": 0, "to": 1},
                                        "decode.host_gap": ["1 ms", "2 ms", "3 ms", "4 ms"]})");
    std::vector<int> hits(64);
    std::map<std::string, int> gaps;
    for (std::uint64_t i = 0; i < 64; ++i) {
      const Point p = point(s, i);
      ++hits.at(static_cast<std::size_t>(*p.inputs[0].number * 64.0));
      ++gaps[p.inputs[1].json];
    }
    CHECK(hits == std::vector<int>(64, 1));
    for (const auto& [gap, points] : gaps) CHECK(points == 16);
  }
}

TEST_CASE("a draw of whole numbers gives each of them its part") {
  const Study s = study(R"("design": "latin_hypercube", "points": 60, "axes": {
      "prefill.attended_per_token": {"from": 2046, "to": 2048, "whole": true}})");
  std::map<std::string, int> drawn;
  for (std::uint64_t i = 0; i < 60; ++i) ++drawn[point(s, i).inputs[0].json];
  CHECK(drawn == std::map<std::string, int>{{"2046", 20}, {"2047", 20}, {"2048", 20}});
}

TEST_CASE("a key is a point's own, and stays when values are added beside it") {
  const Study few = study(R"("axes": {"decode.draft_acceptance": [0.8, 0.9]}, "replications": 2)");
  const Study more = study(R"("axes": {"decode.draft_acceptance": [0.7, 0.8, 0.9]}, "replications": 3)");
  const Identity id = identity_of(few);
  CHECK(identity_of(more).all == id.all);
  std::set<Key> keys;
  for (std::uint64_t i = 0; i < few.points(); ++i) keys.insert(key_of(few, id, point(few, i)));
  CHECK(keys.size() == 4);
  std::size_t kept = 0;
  for (std::uint64_t i = 0; i < more.points(); ++i) kept += keys.count(key_of(more, id, point(more, i)));
  CHECK(kept == 4);
  for (const Key& key : keys) CHECK(key_of_hex(hex(key)) == key);
}

TEST_CASE("another scenario, or other facts, are other keys") {
  const Study one = study(R"("axes": {"decode.draft_acceptance": [0.8]})");
  const Study two =
      study(R"("set": ["decode.memory_reserve=0.2"], "axes": {"decode.draft_acceptance": [0.8]})");
  const Identity id = identity_of(one);
  CHECK(identity_of(two).all != id.all);
  Identity other = id;
  other.all[0] = other.all[0] == '0' ? '1' : '0';
  CHECK(key_of(one, other, point(one, 0)) != key_of(one, id, point(one, 0)));
}

TEST_CASE("a value that is right beside others alone is no mistake of the study") {
  // 16 nodes of 8 GPUs divide 256 experts and 0 replicas, and not the scenario's 32.
  const Study s =
      study(R"("design": "list", "axes": {"decode.nodes": [18, 16], "decode.redundant_experts": [32, 0]})");
  CHECK(s.points() == 2);
}

}  // namespace
}  // namespace tideline::sweep
