// Numbers of a result by their names.
#include "sim/report/metrics.h"

#include <algorithm>
#include <cmath>

#include "sim/report/numbers.h"
#include "tests/doctest.h"

namespace tideline::report {
namespace {

scenario::Scenario flagship() {
  return scenario::read(config::Document::load(TIDELINE_FLAGSHIP));
}

TEST_CASE("the names of a scenario are known before it is run") {
  const auto names = metric_names(flagship());
  for (const char* const name : {"gross_margin", "ttft_s.p99", "saturated", "run.requests_preempted",
                                 "classes.all.output", "bands.figures.gross_margin.p10"})
    CHECK_MESSAGE(std::ranges::count(names, name) == 1, name);
  // A text is no metric, and a scenario without SLOs has no goodput.
  CHECK(std::ranges::count(names, "run.program") == 0);
  CHECK(std::ranges::count(names, "slo.attained") == 0);
}

TEST_CASE("numbers come in the order of their names, and one that the run has not is no number") {
  scenario::Result r;
  r.scenario = flagship();
  r.by_class.resize(1);
  r.by_class[0].tokens.output = 7;
  r.whole.ttft_s.p99 = 1.5;
  r.totals.retried = 3;
  const Metrics metrics({"classes.all.output", "summary.ttft_s.p99", "ttft_s.p99", "run.requests_retried",
                         "saturated", "slo.attained"});
  const auto values = metrics.of(r);
  CHECK(std::vector<double>(values.begin(), values.begin() + 5) == std::vector<double>{7, 1.5, 1.5, 3, 0});
  CHECK(std::isnan(values[5]));
  CHECK_FALSE(metrics.need_bands());
  CHECK(Metrics({"bands.figures.gross_margin.p10"}).need_bands());
}

TEST_CASE("tokens of a service of any size are shown in three digits, at least") {
  const auto gtok = [](double tokens) {
    return shown(
        {.key = "output_tokens", .label = "output tokens", .unit = "Gtok", .decimals = 1, .value = tokens},
        tokens);
  };
  CHECK(gtok(608e9) == "608.0");
  CHECK(gtok(12.34e9) == "12.3");
  CHECK(gtok(1.234e9) == "1.23");
  CHECK(gtok(20.083e6) == "0.0201");
  CHECK(gtok(12'345) == "0.000012");  // a thousand tokens, no finer
  CHECK(gtok(0) == "0.000000");
}

}  // namespace
}  // namespace tideline::report
