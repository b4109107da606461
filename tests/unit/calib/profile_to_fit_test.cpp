// The two halves of the calibration, joined: what the profiler plans to measure is what the fit understands.
#include <algorithm>
#include <string>

#include "calib/fit/from_records.h"
#include "calib/profile/families.h"
#include "calib/profile/record.h"
#include "calib/profile/schedule.h"
#include "calib/profile/sweep.h"
#include "tests/doctest.h"

namespace tideline::calib {
namespace {

// A record of the profiler's plan as if its kernel alone had been timed, from an origin all of its own.
records::Record measured(const profile::Point& point, int number) {
  profile::RunFacts run;
  run.device.name = "NVIDIA H200", run.device.sms = 132;
  records::Record r = profile::start_record(run, point, "graph");
  r.includes = {r.family == "prefill_attention_bf16" ? "attention core" : "product"};
  r.impl.library = "a library";
  const double compute = point.flop / 989e12, memory = point.bytes / 4.8e12;
  r.time_us.n = 1, r.time_us.median = (5e-6 + std::max(compute, memory)) * 1e6;
  r.source.origin = std::to_string(number);
  return r;
}

TEST_CASE("the fit sees in each record of the profiler the work that the profiler counted") {
  std::vector<std::string> families;
  for (const profile::Family& family : profile::kFamilies) families.emplace_back(family.name);
  const std::vector<profile::Point> plan = profile::plan_sweep(families);
  std::vector<records::Record> all;
  for (const profile::Point& point : plan) all.push_back(measured(point, static_cast<int>(all.size())));
  std::size_t landed = 0;
  for (const auto& [family, places] : from_records(all, catalog::load_gpu("h200")).families)
    for (const Record& place : places) {
      const auto number = static_cast<std::size_t>(std::stoul(place.source));
      const records::Record& r = all.at(number);
      CAPTURE(profile::to_string(plan[number]));
      const kernels::Work seen = kernels::kFamilies[static_cast<std::size_t>(family)].work_of(place.at);
      // The table of attention counts half a square of tokens; the diagonal is a token more.
      const double diagonal =
          r.shape.contains("tokens") ? 1.0 / static_cast<double>(r.shape.at("tokens")) : 0;
      CHECK(seen.flop.value() == doctest::Approx(r.work.flop.value_or(0)).epsilon(1e-9 + diagonal));
      ++landed;
    }
  CHECK(landed > 500);
}

TEST_CASE("a product an expert on several streams is an upper bound, and no measurement of the product") {
  records::Record r = measured(profile::grouped_gemm_points().front(), 0);
  r.includes = {"product", "fork", "join"};
  const FromRecords read = from_records({r}, catalog::load_gpu("h200"));
  CHECK(read.families.empty());
  CHECK(read.left_out == std::map<std::string, int>{{"grouped_gemm_fp8_contiguous: the timed region includes "
                                                     "fork + join + product, in the tables of this family "
                                                     "product",
                                                     1}});
}

}  // namespace
}  // namespace tideline::calib
