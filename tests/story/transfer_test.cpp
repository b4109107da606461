// What the way of a KV cache from prefill to decode costs, and the reading of a cached prefix.
#include "tests/doctest.h"
#include "tests/fleet_fixture.h"

namespace tideline {
namespace {

using testing::near;
using testing::SmallFleet;

// So many GPUs in the prefill and the decode unit; a NIC carries so many tokens of cache in so many
// milliseconds. Two prompts are computed in one pass that ends at 256 ms, behind another that is answered by
// its prompt.
SmallFleet two_prompts(std::int64_t prefill_gpus, std::int64_t decode_gpus, std::int32_t tokens, double ms) {
  SmallFleet f;
  f.fleet.prefill.unit.node.gpus = prefill_gpus, f.fleet.decode.unit.node.gpus = decode_gpus;
  f.carries(tokens, ms);
  f.request(0, 128, 1);
  for (int i = 0; i < 2; ++i) f.request(1, tokens, 2);
  return f;
}

// Last tokens of the two, milliseconds after their pass and the one step that each needs.
void expect(SmallFleet f, double first_ms, double second_ms) {
  f.run();
  CHECK(near(f.recorder.by_id(1).last_token, 256 + first_ms + 10));
  CHECK(near(f.recorder.by_id(2).last_token, 256 + second_ms + 10));
}

TEST_CASE("caches between different GPUs do not meet") {
  expect(two_prompts(2, 2, 128, 50), 50, 50);
}

TEST_CASE("two caches for one rank come one after the other") {
  expect(two_prompts(2, 1, 128, 50), 50, 100);
}

TEST_CASE("two caches of one prefill GPU leave one after the other") {
  expect(two_prompts(1, 2, 64, 50), 50, 100);
}

TEST_CASE("all-to-alls leave caches a part of the NIC") {
  SmallFleet f = two_prompts(2, 2, 128, 50);
  f.fleet.decode.exchange_share = 0.5;
  expect(f, 100, 100);
  f = two_prompts(2, 2, 128, 50);
  f.fleet.prefill.exchange_share = 0.75;
  expect(f, 200, 200);
}

TEST_CASE("a degraded NIC slows the caches of its own GPU") {
  SmallFleet f = two_prompts(2, 2, 128, 50);
  f.fleet.decode.unit.nic_shares = {1.0, 0.25};
  expect(f, 50, 200);
}

SmallFleet layer_wise(double carried_ms) {
  SmallFleet f;
  for (step::Unit* unit : {&f.fleet.prefill.unit, &f.fleet.decode.unit})
    unit->llm.layers = unit->llm.dense_layers = 4;
  f.fleet.transfer = policy::Transfer::kLayerWise;
  f.carries(128, carried_ms);
  return f;
}

TEST_CASE("layer by layer, a cache travels behind its pass: one layer of four is left at the end") {
  SmallFleet f = layer_wise(80);
  f.request(0, 128, 2);
  f.run();
  CHECK(near(f.recorder.by_id(0).last_token, 128 + 20 + 10));
}

TEST_CASE("layer by layer, a NIC that is slower than the pass is what a cache waits for") {
  SmallFleet f = layer_wise(200);
  f.request(0, 128, 2);
  f.run();
  CHECK(near(f.recorder.by_id(0).last_token, 200 + 10));
}

TEST_CASE("layer by layer, a cache that finds no rank travels whole once there is one") {
  SmallFleet f = layer_wise(80);
  f.decode_room(300);
  f.request(0, 128, 100);      // from 148 ms to 1138 ms
  f.request(0.001, 128, 100);  // computed at 256 ms
  const auto totals = f.run();
  CHECK(totals.waited_for_decode == 1);
  CHECK(near(f.recorder.by_id(1).last_token, 1138 + 80 + 990));
}

// A prefix of 1,000 tokens takes a node 40 ms.
SmallFleet reading(std::int64_t nodes) {
  SmallFleet f;
  f.fleet.prefill.unit.nodes = nodes;
  f.fleet.prefill.cache_read_rate = f.fleet.prefill.unit.llm.kv_per_token() * Tokens(1000.0) / Seconds(0.040);
  return f;
}

TEST_CASE("a cached prefix is read before its prompt is computed, and others go first meanwhile") {
  SmallFleet f = reading(1);
  f.request(0, 1128, 1, 1000);
  f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 40 + 128));
  f = reading(1);
  f.request(0, 1128, 1, 1000);
  f.request(1, 128, 1);
  f.run();
  CHECK(near(f.recorder.by_id(1).first_token, 1 + 128));
  CHECK(near(f.recorder.by_id(0).first_token, 1 + 128 + 128));
}

TEST_CASE("with drafts, the cache of the layer that makes them is moved and read with the others") {
  SmallFleet f = reading(1);
  f.carries(1128, 50);
  for (step::Unit* unit : {&f.fleet.prefill.unit, &f.fleet.decode.unit}) unit->llm.mtp_layers = 1;
  const std::int64_t without = f.fleet.prefill_kv_tokens();
  f.fleet.decode.unit.draft_tokens = 1;  // two layers for one
  CHECK(f.fleet.prefill_kv_tokens() == without / 2);
  f.request(0, 1128, 2, 1000);
  f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 80 + 128));
  CHECK(near(f.recorder.by_id(0).last_token, 80 + 128 + 100 + 10));
}

TEST_CASE("what memory holds of a prefix is read at its own rate") {
  SmallFleet f = reading(1);
  f.fleet.prefill.memory_read_rate = f.fleet.prefill.cache_read_rate * 10.0;
  f.request(0, 1128, 1, 1000);
  f.arrivals.back().lengths.in_memory = 750;
  f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 10 + 3 + 128));
}

TEST_CASE("a node reads one prefix after the other; two nodes read two at once") {
  for (const std::int64_t nodes : {1, 2}) {
    SmallFleet f = reading(nodes);
    for (int i = 0; i < 2; ++i) f.request(0, 1016, 1, 1000);
    f.run();
    CHECK(near(f.recorder.by_id(0).first_token, 40 + 16));
    CHECK(near(f.recorder.by_id(1).first_token, nodes == 2 ? 40 + 16 : 80 + 16));
  }
}

// A prefix of 1,000 tokens, a node of two GPUs whose NICs carry such a cache in 160 ms each: in half of that
// where all-to-alls leave it to them.
SmallFleet reading_over_nics() {
  SmallFleet f = reading(1);
  f.fleet.prefill.unit.node.gpus = 2;
  f.fleet.storage = policy::Storage::kSharedNics;
  f.carries(1000, 160);
  f.request(0, 1016, 1, 1000);
  return f;
}

TEST_CASE("over shared NICs a prefix takes what all-to-alls leave, its node's reader the longer of the two") {
  const auto first_token = [](SmallFleet f) {
    f.run();
    return f.recorder.by_id(0).first_token;
  };
  SmallFleet f = reading_over_nics();
  CHECK(near(first_token(f), 80 + 16));
  f.fleet.prefill.exchange_share = 0.75;
  CHECK(near(first_token(f), 320 + 16));
  f.fleet.storage = policy::Storage::kOwnNetwork;
  CHECK(near(first_token(f), 40 + 16));
  f = reading_over_nics();
  f.carries(1000, 20);
  CHECK(near(first_token(f), 40 + 16));
}

TEST_CASE("over shared NICs a degraded one keeps the whole prefix waiting, and only on its own node") {
  SmallFleet f = reading_over_nics();
  f.fleet.prefill.unit.nodes = 2;
  f.fleet.prefill.unit.nic_shares = {1.0, 0.5, 1.0, 1.0};
  f.request(0, 1016, 1, 1000);  // on the second node
  f.run();
  CHECK(near(f.recorder.by_id(0).first_token, 160 + 16));
  CHECK(near(f.recorder.by_id(1).first_token, 80 + 16));
}

TEST_CASE("a cache goes out at full rate while a prefix comes in") {
  const auto last_token = [](bool reads) {
    SmallFleet f = reading_over_nics();
    f.arrivals.clear();
    f.request(0, 100, 2);
    if (reads) f.request(90, 9001, 1, 9000);
    f.run();
    return f.recorder.by_id(0).last_token;
  };
  CHECK(near(last_token(false), 100 + 16 + 10));
  CHECK(last_token(true) == last_token(false));
}

}  // namespace
}  // namespace tideline
