#include "sim/moe/expert_load.h"

#include <cmath>
#include <string>

#include "sim/base/error.h"
#include "tests/doctest.h"

namespace tideline::moe {
namespace {

double busiest(const std::string& text, std::int64_t gpus) {
  const auto document = config::Document::parse(text, "load.json");
  const ExpertLoad load = read_expert_load(document.root(), gpus);
  document.finish();
  return load.busiest_over_mean;
}

TEST_CASE("balancedness is near the published points, with and without the balancer") {
  struct Row { double gpus, planned, unplanned; };
  for (const Row& r : {Row{8, 0.944, 0.672}, Row{16, 0.902, 0.612}, Row{32, 0.800, 0.549}}) {
    const auto gpus = static_cast<std::int64_t>(r.gpus);
    CHECK(std::abs(balancedness(Balancer::kEplb, gpus) - r.planned) < 0.045);
    CHECK(std::abs(balancedness(Balancer::kNone, gpus) - r.unplanned) < 0.045);
  }
}

TEST_CASE("one GPU is balanced, more are less so, and planning always helps") {
  for (const Balancer b : {Balancer::kNone, Balancer::kEplb}) {
    CHECK(balancedness(b, 1) == 1.0);
    double before = 1.0;
    for (std::int64_t gpus = 2; gpus <= 1024; gpus *= 2) {
      CHECK(balancedness(b, gpus) <= before);
      CHECK(balancedness(b, gpus) > 0.0);
      before = balancedness(b, gpus);
    }
  }
  for (std::int64_t gpus = 2; gpus <= 512; gpus *= 2)
    CHECK(balancedness(Balancer::kEplb, gpus) > balancedness(Balancer::kNone, gpus));
}

TEST_CASE("a scenario may take the published load, none, or its own") {
  CHECK(busiest(R"({"kind": "balanced"})", 32) == 1.0);
  CHECK(busiest(R"({"kind": "given", "balancedness": 0.8})", 32) == testing::about(1.25, 1e-12));
  CHECK(busiest(R"({"kind": "published"})", 32) == 1.0 / balancedness(Balancer::kEplb, 32));
  CHECK(busiest(R"({"kind": "published", "balancer": "none"})", 32) ==
        1.0 / balancedness(Balancer::kNone, 32));
}

TEST_CASE("a balancedness of nothing is refused") {
  CHECK_THROWS_AS(busiest(R"({"kind": "given", "balancedness": 0})", 32), InputError);
}

}  // namespace
}  // namespace tideline::moe
