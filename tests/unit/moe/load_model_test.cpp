#include "sim/moe/load_model.h"

#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>

#include "sim/base/error.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::moe {
namespace {

const ExpertGroup kEp32{{}, 4, 32, 8, 288};

ExpertLoad read(const std::string& text, const ExpertGroup& group = kEp32) {
  const auto document = config::Document::parse(text, "load.json");
  const ExpertLoad load = read_expert_load(document.root(), group);
  document.finish();
  return load;
}

std::string refusal(const std::string& text, const ExpertGroup& group = kEp32) {
  try {
    read(text, group);
  } catch (const InputError& error) {
    return error.problems().front().message;
  }
  return "";
}

TEST_CASE("a scenario may draw the popularity, with the measured skew unless it says otherwise") {
  const ExpertLoad load = read(R"({"kind": "skew"})");
  CHECK(load.kind == LoadKind::kSkew);
  CHECK(load.balancer == Balancer::kEplb);
  CHECK(load.skew.expert_sigma == kMeasuredSkew.expert_sigma);
  CHECK(load.busiest_over_mean > 1.0);
  const ExpertLoad flat = read(R"({"kind": "skew", "expert_sigma": 0, "group_sigma": 0, "balancer": "none"})",
                               {{}, 4, 32, 8, 256});
  CHECK(flat.busiest_over_mean == testing::about(1.0, 1e-12));
  CHECK(read(R"({"kind": "skew", "balancer": "none"})").busiest_over_mean > load.busiest_over_mean);
}

TEST_CASE("without drift a plan is nearly perfect, and the more drift the worse") {
  double before = 1.0;
  for (const char* const drift : {"0", "0.05", "0.2", "0.6"}) {
    const ExpertLoad load =
        read(std::string(R"({"kind": "skew", "drift": )") + drift + "}", {{}, 20, 72, 8, 288});
    CHECK(load.busiest_over_mean > before);
    before = load.busiest_over_mean;
  }
}

TEST_CASE("a popularity that cannot be drawn says why") {
  CHECK(refusal(R"({"kind": "skew", "expert_sigma": -1})") ==
        "wants a standard deviation of log odds from 0 to 3, found -1");
  CHECK(refusal(R"({"kind": "skew"})", {{}, 4, 32, 8, 224}) == "224 slots are too few for 256 experts");
  CHECK(refusal(R"({"kind": "skew"})", {{}, 4, 136, 8, 288}).empty());  // the unit's reader refuses it
  CHECK(refusal(R"({"kind": "skew"})", {{}, 0, 32, 8, 288}) ==
        "\"skew\" is of models with experts, and this one has none");
}

std::string counts_file(const std::string& counts, int layers) {
  const auto path = testing::scratch("counts.json");
  std::ofstream file(path);
  file << R"({"source": "a test", "as_of": "2025-01-01", "layers": [)";
  for (int layer = 0; layer < layers; ++layer)
    file << (layer ? "," : "") << R"({"counts": [)" << counts << "]}";
  file << "]}";
  return path.string();
}

std::string from_file(const std::string& path, const std::string& more) {
  return R"({"kind": "counts", "file": ")" + path + "\"" + more + "}";
}

const ExpertGroup kFour{{8, 2, 1, 2}, 3, 4, 4, 8};

TEST_CASE("counts of a file are what the layers expect, while nothing drifts") {
  const std::string path = counts_file("100, 300, 200, 400, 150, 250, 350, 250", 3);
  const ExpertLoad load = read(from_file(path, R"(, "drift": 0, "balancer": "none")"), kFour);
  LoadModel model(load, kFour, 1);
  const LayerLoad& expected = model.expect(2, std::vector<double>(4, 250.0));
  CHECK(expected.rows_by_gpu[0] == testing::about(400.0, 0.003));
  CHECK(expected.rows_by_gpu[1] == testing::about(600.0, 0.003));
  CHECK(load.busiest_over_mean == testing::about(1.2, 0.003));
  CHECK(read(from_file(path, R"(, "drift": 0.5, "balancer": "none")"), kFour).busiest_over_mean !=
        load.busiest_over_mean);
}

TEST_CASE("counts that do not belong to the model are refused") {
  const std::string path = counts_file("1, 2, 3, 4, 5, 6, 7, 8", 2);
  CHECK(refusal(from_file(path, ""), kFour) == path + " has 2 layers of counts, where the model has 3");
  const std::string impossible = counts_file("1000000, 1, 1, 1, 1, 1, 1, 1", 3);
  CHECK(refusal(from_file(impossible, ""), kFour) ==
        "no gate that chooses 2 experts in 1 of 2 groups counts so in layer 1 of the file");
  const std::string none = counts_file("0, 0, 0, 0, 0, 0, 0, 0", 3);
  CHECK(refusal(from_file(none, ""), kFour) == "no expert has any token: nothing says which are popular");
  const std::string few = counts_file("1, 2, 3", 3);
  CHECK(refusal(from_file(few, ""), kFour) == "counts of 3 experts, where the model has 8");
}

TEST_CASE("loads without layers of their own answer for any layer") {
  LoadModel model(read(R"({"kind": "balanced"})"), kEp32, 1);
  const LayerLoad& load = model.draw(57, 9, std::vector<double>(32, 16384.0));
  for (const double rows : load.rows_by_gpu) CHECK(rows == load.rows_by_gpu[0]);
  LoadModel given(read(R"({"kind": "given", "balancedness": 0.5})"), kEp32, 1);
  CHECK(given.busiest_over_mean() == testing::about(2.0, 1e-12));
}

}  // namespace
}  // namespace tideline::moe
