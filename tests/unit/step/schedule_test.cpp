#include "sim/step/schedule.h"

#include "tests/doctest.h"

namespace tideline::step {
namespace {

using namespace literals;

StageTimes stages(double a0, double a1, double shared, double dispatch, double mlp, double combine) {
  return {Seconds(a0), Seconds(a1), Seconds(shared), Seconds(dispatch), Seconds(mlp), Seconds(combine)};
}

TEST_CASE("without overlap a layer takes what its chain takes, the shared expert beside the dispatch") {
  const StageTimes t = stages(1, 2, 3, 10, 5, 7);
  CHECK(steady_layer(schedule_none(), t).value() == doctest::Approx(1 + 2 + 10 + 5 + 7));
  CHECK(run_layers(schedule_none(), t, 4).value() == doctest::Approx(4 * 25.0));
}

TEST_CASE("a network-bound decode layer takes twice dispatch + MLP + combine") {
  // DeepSeek's own decode profile in microseconds: 2 x (187 + 128 + 394).
  const StageTimes t = stages(63, 344, 34, 187, 128, 394);
  CHECK(steady_layer(schedule_two_batch_decode(), t).value() == doctest::Approx(2.0 * (187 + 128 + 394)));
}

TEST_CASE("a compute-bound decode layer takes its compute, all communication hidden") {
  const StageTimes t = stages(60, 300, 40, 80, 100, 200);
  CHECK(steady_layer(schedule_two_batch_decode(), t).value() == doctest::Approx(2.0 * (60 + 300 + 40 + 100)));
}

TEST_CASE("a prefill layer is bound by the longer of its two streams") {
  const StageTimes compute_bound = stages(0, 7, 1, 3, 7, 4);
  CHECK(steady_layer(schedule_two_batch_prefill(), compute_bound).value() == doctest::Approx(2.0 * 15));
  const StageTimes network_bound = stages(0, 2, 0, 5, 2, 9);
  CHECK(steady_layer(schedule_two_batch_prefill(), network_bound).value() >= 2.0 * 14);
}

TEST_CASE("no stage made shorter makes a run longer") {
  const StageTimes base = stages(63, 344, 34, 187, 128, 394);
  for (const Schedule* s : {&schedule_none(), &schedule_two_batch_prefill(), &schedule_two_batch_decode()})
    for (int i = 0; i < kStages; ++i) {
      StageTimes shorter = base;
      shorter[static_cast<std::size_t>(i)] *= 0.5;
      CHECK(run_layers(*s, shorter, 58) <= run_layers(*s, base, 58));
    }
}

}  // namespace
}  // namespace tideline::step
