// What happens when the KV blocks of a rank run out, instant by instant.
#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using testing::ms;
using testing::near;
using testing::SmallFleet;

// One rank of so many blocks of 64 tokens, which engines fill without knowing how long answers will be.
SmallFleet rank_of(double blocks) {
  SmallFleet f;
  f.fleet.decode.kv_block_tokens = 64;
  f.fleet.decode.admission = {.kind = policy::Admission::kPromptOnly, .watermark = 0.0};
  f.decode_room(blocks * 64);
  return f;
}

TEST_CASE("a request occupies whole blocks: two of 65 tokens do not fit in three") {
  for (const double blocks : {3, 4}) {
    SmallFleet f = rank_of(blocks);
    f.request(0, 65, 20);
    f.request(0.001, 65, 20);
    const auto totals = f.run();
    CHECK(totals.waited_for_decode == (blocks < 4 ? 1 : 0));
    CHECK(near(f.recorder.by_id(1).last_token, blocks < 4 ? 65 + 190 + 190 : 130 + 5 + 190));
  }
}

TEST_CASE("when blocks run out the youngest is taken off; its prompt and its answer are computed again") {
  SmallFleet f = rank_of(4);
  f.request(0, 100, 150);      // stands on the rank from 100 ms: wants a third block at 380 ms
  f.request(0.001, 100, 100);  // stands there from 210 ms: has made 1 + 17 tokens at 380 ms
  const auto totals = f.run();
  CHECK(totals.preempted == 1);
  CHECK(totals.retried == 1);
  CHECK(totals.kv_fill_max == 1.0);
  CHECK(near(f.recorder.by_id(0).last_token, 100 + 149 * 10));
  // Prefill hears of it two turns later: at 2 s it computes 100 + 18 tokens, and 81 steps follow.
  const auto& r = f.recorder.by_id(1);
  CHECK(near(r.first_token, 200));
  CHECK(near(r.last_token, 2000 + 118 + 81 * 10));
}

TEST_CASE("foresight lets in only what will still fit at its end, so that of two nothing is taken off") {
  SmallFleet f = rank_of(4);
  f.fleet.decode.admission.kind = policy::Admission::kWholeAnswer;
  f.request(0, 100, 150);
  f.request(0.001, 100, 100);
  const auto totals = f.run();
  CHECK(totals.preempted == 0);
  CHECK(totals.waited_for_decode == 1);
  CHECK(near(f.recorder.by_id(1).last_token, 100 + 149 * 10 + 99 * 10));
}

TEST_CASE("foresight of one lets others grow: only where all ends fit together is nothing ever taken off") {
  const auto run = [](policy::Admission kind) {
    SmallFleet f = rank_of(6);
    f.fleet.decode.admission.kind = kind;
    f.request(0, 100, 150);      // ends with four blocks, has two
    f.request(0.001, 100, 100);  // four in the end
    return f.run();
  };
  CHECK(run(policy::Admission::kWholeAnswer).preempted == 1);
  CHECK(run(policy::Admission::kReserve).preempted == 0);
  CHECK(run(policy::Admission::kReserve).waited_for_decode == 1);
}

TEST_CASE("a watermark stays free of prompts, but an empty rank takes whatever fits") {
  SmallFleet f = rank_of(4);
  f.fleet.decode.admission.watermark = 0.5;  // two blocks
  f.request(0, 150, 20);                     // three blocks: more than the watermark leaves
  f.request(0.001, 10, 20);                  // one block: two would have to stay free
  const auto totals = f.run();
  CHECK(totals.waited_for_decode == 1);
  CHECK(totals.finished == 2);
  CHECK(near(f.recorder.by_id(1).last_token, 150 + 190 + 190));
}

TEST_CASE("a request whose cache is on its way gives way before one that steps") {
  SmallFleet f = rank_of(4);
  const Bytes cache = f.fleet.decode.unit.llm.kv_per_token() * Tokens(100.0);
  f.fleet.transfer_rate = cache / Seconds(0.5);
  f.request(0, 100, 150);    // steps from 600 ms: wants a third block at 880 ms
  f.request(300, 100, 100);  // on its way from 400 to 900 ms: has made the token of its prompt alone
  const auto totals = f.run();
  CHECK(totals.preempted == 1);
  CHECK(near(f.recorder.by_id(0).last_token, 600 + 149 * 10));
  CHECK(near(f.recorder.by_id(1).last_token, 2000 + 101 + 505 + 98 * 10));
}

TEST_CASE(
    "under any load no rank holds more than it has, every answer ends, and the oldest is never taken off") {
  SmallFleet f = rank_of(40);
  f.fleet.decode.unit.draft_tokens = 1;
  f.fleet.decode.draft_acceptance = 0.85;
  for (int i = 0; i < 200; ++i) f.request(20.0 * i, 1 + (i * 37) % 90, 2 + (i * 91) % 1000);
  const auto totals = f.run();
  CHECK(totals.preempted > 20);
  CHECK(totals.kv_fill_max <= 1.0);
  CHECK(totals.kv_fill_max > 0.9);
  CHECK(totals.finished == 200);
  CHECK(totals.retried == totals.preempted);
}

TEST_CASE("whatever a rank is asked to hold, it answers or it was rejected: nothing stands for ever") {
  for (const policy::Admission kind :
       {policy::Admission::kWholeAnswer, policy::Admission::kPromptOnly, policy::Admission::kReserve})
    for (const double acceptance : {0.0, 0.85})
      for (std::int32_t output : {2, 3, 20})
        for (std::int32_t below = 0; below < 5; ++below) {
          SmallFleet f;
          f.decode_room(640);
          f.fleet.decode.kv_block_tokens = 64;
          f.fleet.decode.admission = {kind, 0.0};
          f.fleet.decode.unit.draft_tokens = 1;
          f.fleet.decode.draft_acceptance = acceptance;
          f.request(0, 640 - output - below, output);
          f.request(1, 100, 10);
          CAPTURE(acceptance);
          CAPTURE(output);
          CAPTURE(below);
          const auto totals = f.run();
          CHECK(totals.finished + totals.rejected == 2);
          CHECK(totals.rejected == (below == 0 && acceptance > 0.0 ? 1 : 0));
        }
}

}  // namespace
}  // namespace tideline
