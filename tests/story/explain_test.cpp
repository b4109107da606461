// What is told of one request, and where its time went: numbers worked out by hand.
#include "sim/scenario/explain.h"

#include "sim/report/explain_report.h"
#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline::scenario {
namespace {

using fleet::Displaced;
using testing::ms;
using testing::SmallFleet;

// A pass takes 1 ms a token, a step 10 ms (the fixture's defaults).
fleet::Tale told(SmallFleet f, std::uint64_t request) {
  fleet::Tale tale(request);
  f.settings.tale = &tale;
  f.run();
  return tale;
}

// The first of a kind that happened.
template <class What>
const What& first(const fleet::Tale& tale) {
  for (const auto& h : tale.happenings())
    if (const What* what = std::get_if<What>(&h)) return *what;
  throw std::out_of_range("this did not happen");
}

double milliseconds(const std::optional<TimeByCause>& times, Cause cause) {
  return to_seconds((*times)[static_cast<std::size_t>(cause)]).value() * 1e3;
}

TEST_CASE("a prompt that comes during a pass waits for it, then has its own; its steps follow") {
  SmallFleet f;
  f.carries(200, 50);
  f.request(0, 128, 1);
  f.request(28, 200, 4);
  f.request(30, 50, 1);  // in the same pass
  const fleet::Tale tale = told(f, 1);
  const auto& pass = first<fleet::InPass>(tale);
  CHECK(first<fleet::Queued>(tale).busy);
  CHECK(first<fleet::Queued>(tale).ahead == 0);
  CHECK(pass.tokens == 200);
  CHECK(pass.left == 0);
  CHECK(pass.prompts == 2);
  CHECK(first<fleet::OnRank>(tale).steps == 3);
  CHECK(first<fleet::OnRank>(tale).rank_requests == 3.0);  // alone in each
  const Causes causes = causes_of(tale);
  CHECK(milliseconds(causes.ttft, Cause::kQueue) == testing::about(100, 1e-3));
  CHECK(milliseconds(causes.ttft, Cause::kPass) == testing::about(250, 1e-3));
  CHECK(milliseconds(causes.e2e, Cause::kTransfer) == testing::about(50, 1e-3));
  CHECK(milliseconds(causes.e2e, Cause::kSteps) == testing::about(30, 1e-3));
  CHECK(to_seconds(total(*causes.e2e)).value() == testing::about(0.430, 1e-3));
}

TEST_CASE("a prompt in chunks is told pass by pass") {
  SmallFleet f;
  f.fleet.prefill.tokens_per_gpu = 128;
  f.request(0, 300, 1);
  const fleet::Tale tale = told(f, 0);
  std::vector<std::int64_t> tokens, left;
  for (const auto& h : tale.happenings())
    if (const auto* p = std::get_if<fleet::InPass>(&h)) tokens.push_back(p->tokens), left.push_back(p->left);
  CHECK(tokens == std::vector<std::int64_t>{128, 128, 44});
  CHECK(left == std::vector<std::int64_t>{172, 44, 0});
  CHECK(to_seconds(total(*causes_of(tale).ttft)).value() == testing::about(0.300, 1e-3));
}

TEST_CASE(
    "what the balancers saw is told: the unit that can begin first, the unit and rank with least load") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-1}, 2, 2}};
  f.request(0, 500, 200);
  f.request(1, 100, 200);
  f.request(2, 50, 2);
  const fleet::Tale tale = told(f, 2);
  const fleet::ChosenFrom& prefill = first<fleet::Queued>(tale).units;
  REQUIRE(prefill.seen.size() == 2);
  CHECK(prefill.chosen == 1);  // its pass ends at 101 ms, the other's at 500 ms
  CHECK(prefill.seen[0].second == testing::about(0.500, 1e-3));
  CHECK(prefill.seen[1].second == testing::about(0.101, 1e-3));
  const fleet::ChosenFrom& decode = first<fleet::Placed>(tale).units;
  CHECK(decode.chosen == 1);  // the other holds the request whose prompt was done at 101 ms
  CHECK(decode.seen[1].second == 0.0);
  CHECK(decode.seen[0].second >= 100.0 + f.fleet.decode.request_weight);
}

TEST_CASE("why a unit was taken is said in the words of its balancer") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{ms(-5000)}, 2, 2}};
  f.settings.warm_up = {ms(5000)};
  f.request(-3000, 500, 200);  // before the window
  f.request(-2999, 100, 200);
  f.request(-2998, 50, 2);
  const auto says = [&](const std::string& why) {
    Explanation e{.scenario = {}, .tale = told(f, 2), .arrived = 3, .until = {}, .causes = {}};
    e.scenario.fleet = f.fleet, e.scenario.workload.classes = f.classes;
    e.causes = causes_of(e.tale);
    CAPTURE(report::explain_text(e));
    CHECK(report::explain_text(e).find(why) != std::string::npos);
  };
  using policy::DecodeBalancer;
  using policy::PrefillBalancer;
  says(
      "prefill unit 1: can begin first, in 0.099 s; of 2 units the next is 0, in 0.498 s, the last in 0.498 "
      "s");
  says("decode unit 1: least loaded, 0 tokens of load; of 2 the emptiest other, 0, has ");
  f.fleet.prefill.balancer = PrefillBalancer::kLeastOutstanding;
  says("prefill unit 0: fewest prompts, 1; of 2 units the emptiest other, 1, has 1, the fullest 1");
  f.fleet.prefill.balancer = PrefillBalancer::kPowerOfTwo;
  says(": of two drawn the one with fewer prompts, 0; of 2 units the emptiest other, 0, has 2, ");
  f.fleet.prefill.balancer = PrefillBalancer::kRandom;
  says(": drawn\n");
  f.fleet.prefill.balancer = PrefillBalancer::kRoundRobin;
  says("prefill unit 0: its turn");
  says("rank 0: the only one\n");
  f.fleet.decode.balancer = DecodeBalancer::kLeastOutstanding;
  says("decode unit 0: least loaded, 1 requests; of 2 the emptiest other, 1, has 1, the fullest 1");
  f.fleet.decode.balancer = DecodeBalancer::kRandom;
  says(": drawn, or the next with room\n");
}

TEST_CASE("a prompt that waits because the memory of its unit is full of caches is told so, and until when") {
  SmallFleet f = testing::full_prefill();
  f.request(500, 10, 1);
  const fleet::Tale tale = told(f, 2);
  CHECK_FALSE(first<fleet::Queued>(tale).full);
  const auto& held = first<fleet::HeldUp>(tale);
  CHECK(held.from.ns == ms(128));
  CHECK(held.to.ns == ms(2000));  // prefill hears of decode two turns later
  CHECK(held.over);
  const Causes causes = causes_of(tale);
  CHECK(milliseconds(causes.ttft, Cause::kQueue) == testing::about(126, 1e-3));
  CHECK(milliseconds(causes.ttft, Cause::kMemory) == testing::about(1872, 1e-3));
  // With the 10 tokens of the last.
  CHECK(milliseconds(causes.ttft, Cause::kPass) == testing::about(138, 1e-3));

  Explanation e{.scenario = {}, .tale = told(f, 3), .arrived = 4, .until = {}, .causes = {}};
  CHECK(first<fleet::Queued>(e.tale).full);
  CHECK(first<fleet::HeldUp>(e.tale).from.ns == ms(500));
  e.scenario.fleet = f.fleet, e.scenario.workload.classes = f.classes;
  e.causes = causes_of(e.tale);
  const std::string text = report::explain_text(e);
  CAPTURE(text);
  for (const char* part : {"no pass can begin there, 1 prompts wait\n",
                           "+0.000 s  no room for its cache on unit 0, or for one before it: decode has not "
                           "taken those that fill the memory\n",
                           "it waits until +1.500 s\n", "prefill memory full        1.500 s"})
    CHECK(text.find(part) != std::string::npos);
  CHECK(report::explain_json(e).find("\"prefill_memory\": 1.5,") != std::string::npos);
}

TEST_CASE("an answer without room waits, and how many wait before it is told") {
  SmallFleet f;
  f.decode_room(300);
  f.request(0, 128, 101);      // on its rank from 128 ms to 1,128 ms
  f.request(0.001, 128, 100);  // done at 256 ms
  const fleet::Tale tale = told(f, 1);
  CHECK(first<fleet::WaitsForRank>(tale).ahead == 0);
  CHECK(milliseconds(causes_of(tale).e2e, Cause::kRank) == testing::about(1128 - 256, 1e-3));
}

TEST_CASE("a lost decode unit is told, and all until the answer goes on counts as computed again") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-1}, 1, 2}};
  f.fleet.decode.availability.outages = {{Instant{ms(200)}, 1, {ms(100)}}};
  f.request(0, 32, 50);
  f.request(0.001, 32, 50);  // on the second unit from 64 ms
  const fleet::Tale tale = told(f, 1);
  CHECK(first<Displaced>(tale).why == Displaced::Why::kDecodeLost);
  CHECK(first<Displaced>(tale).at.ns == ms(200));
  const Causes causes = causes_of(tale);
  // Prefill hears of it at 2 s and computes 32 + 14 tokens; 35 steps follow.
  CHECK(milliseconds(causes.e2e, Cause::kAgain) == testing::about(2046 - 200, 1e-3));
  CHECK(milliseconds(causes.e2e, Cause::kSteps) == testing::about(200 - 64 + 350, 1e-3));
  CHECK(to_seconds(total(*causes.ttft)).value() == testing::about(0.064, 1e-3));
}

TEST_CASE("a lost prefill unit is told; the pass counts as far as it came") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-1}, 2, 1}};
  f.fleet.prefill.availability.outages = {{Instant{ms(100)}, 0, {ms(1000)}}};
  f.request(0, 128, 1);
  const Causes causes = causes_of(told(f, 0));
  CHECK(milliseconds(causes.ttft, Cause::kPass) == testing::about(100 + 128, 1e-3));
  CHECK(to_seconds(total(*causes.ttft)).value() == testing::about(0.228, 1e-3));
}

TEST_CASE("an answer that moves goes on elsewhere, and its times still add up") {
  SmallFleet f;
  f.fleet.schedule = {{Instant{-1}, 1, 2}, {Instant{ms(205)}, 1, 1}};
  f.request(0, 32, 50);
  f.request(0.001, 32, 50);  // on the unit that closes; 64 ms + 14 steps, and half a step that is done again
  const fleet::Tale tale = told(f, 1);
  CHECK(first<Displaced>(tale).why == Displaced::Why::kDecodeCloses);
  CHECK(tale.ended());
  f.run();
  CHECK(total(*causes_of(tale).e2e) == f.recorder.by_id(1).last_token - f.arrivals[1].at);
}

TEST_CASE("the run ends with the request, and following it changes nothing") {
  SmallFleet f;
  for (int i = 0; i < 50; ++i) f.request(20.0 * i, 10, 30);
  const fleet::Tale tale = told(f, 10);
  f.run();
  CHECK(total(*causes_of(tale).e2e) == f.recorder.by_id(10).last_token - f.arrivals[10].at);
}

TEST_CASE("a request that is rejected or never comes has no tale") {
  SmallFleet f;
  f.settings.window = {kNsPerSecond};
  f.decode_room(300);
  f.request(0, 400, 10);
  f.request(2000, 10, 10);
  CHECK(told(f, 0).rejected());
  CHECK_FALSE(told(f, 5).arrival().has_value());
}

}  // namespace
}  // namespace tideline::scenario
