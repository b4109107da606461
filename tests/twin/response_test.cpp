// Do the headlines of a run move with what it stands on as those of a run that is made with the change?
#include "sim/scenario/response.h"

#include <cmath>
#include <cstdio>

#include "tests/doctest.h"

namespace tideline::scenario {
namespace {

Scenario noon(const std::vector<std::string>& changes) {
  std::vector<std::string> overrides{"duration=15 min"};
  overrides.insert(overrides.end(), changes.begin(), changes.end());
  return read(config::Document::load(TIDELINE_SOURCE_SCENARIOS "/deepseek-2025-02-27.json", overrides));
}

double change(double value, double was) {
  return std::log(value / was);
}

TEST_CASE("headlines move as runs with the change do: speed within a fifth of the change, TTFT within 4 %") {
  const Result base = run(noon({}));
  const Response response(base);
  const Headlines unmoved = response.at({});
  CHECK(unmoved.output_speed == doctest::Approx(base.whole.output_speed_tok_s_user).epsilon(1e-6));
  CHECK(unmoved.ttft_p99_s == doctest::Approx(base.whole.ttft_s.p99).epsilon(1e-6));
  CHECK(unmoved.nodes_mean == doctest::Approx(base.statement.nodes_mean).epsilon(1e-6));
  CHECK(unmoved.cost_usd == doctest::Approx(base.statement.cost.total().usd()).epsilon(1e-6));
  CHECK_FALSE(unmoved.saturated);

  Shift host;
  for (const Source& s : sources(base))
    if (s.name == "host work between steps") host = s.high;
  const auto compare = [&](const char* what, const std::vector<std::string>& changes, const Shift& shift,
                           double ttft_within = 0.04) {
    const Result made = run(noon(changes));
    const Headlines moved = response.at(shift);
    const double speed = change(made.whole.output_speed_tok_s_user, base.whole.output_speed_tok_s_user);
    const double ttft = change(made.whole.ttft_s.mean, base.whole.ttft_s.mean);
    const double speed_said = change(moved.output_speed, unmoved.output_speed);
    const double ttft_said = change(moved.ttft_p99_s, unmoved.ttft_p99_s);
    std::printf("  %-24s speed: run %+6.2f %%, said %+6.2f %%;  TTFT: run %+6.2f %%, said %+6.2f %%\n", what,
                100 * speed, 100 * speed_said, 100 * ttft, 100 * ttft_said);
    CHECK(std::abs(speed_said - speed) < 0.2 * std::abs(speed) + 0.002);
    CHECK(std::abs(ttft_said - ttft) < ttft_within);
  };
  compare("3 ms of host work", {"decode.host_gap=3 ms", "prefill.host_gap=3 ms"}, host);
  const double pass = base.prefill_pass_s;
  compare("passes 0.1 s longer", {"prefill.host_gap=101 ms"}, {.prefill = std::log((pass + 0.1) / pass)});
  compare("0.80 of drafts accepted", {"decode.draft_acceptance=0.80"}, {.tokens = std::log(1.80 / 1.85)});
  compare("5 % more load", {"workload.output_tokens_per_day=176.4 Gtok"}, {.load = std::log(1.05)});
  // Prefill units then stand idle now and then, and a prompt waits for less than a pass: not foreseen.
  compare("10 % less load", {"workload.output_tokens_per_day=151.2 Gtok"}, {.load = std::log(0.9)}, 0.25);
}

}  // namespace
}  // namespace tideline::scenario
