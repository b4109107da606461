// What a comparison of layouts promises, on a handful of the flagship's.
#include "sim/layouts/study.h"

#include <fmt/format.h>

#include <cmath>

#include "tests/doctest.h"

namespace tideline::layouts {
namespace {

Study handful(const std::string& axes) {
  return read_study(TIDELINE_FLAGSHIP, {"layouts=" + axes});
}

const Comparison& small() {
  static const Comparison c = compare(handful(R"({"output_speed": "20 tok/s", "ttft_mean": "5 s",
                  "decode": {"nodes": [1, 4, 5], "redundant_experts": [0, 32], "draft_tokens": [1]},
                  "prefill": {"nodes": [1, 4], "tokens_per_gpu": [4096, 16384]}})"),
                                      1);
  return c;
}

const DecodeRow& decode(std::int64_t nodes, std::int64_t replicas) {
  for (const DecodeRow& r : small().decode)
    if (r.layout.nodes == nodes && r.layout.redundant_experts == replicas) return r;
  throw std::out_of_range("no such row");
}

TEST_CASE("every combination is a row, and so is the scenario's own layout; the best allowed one is first") {
  const Comparison& c = small();
  CHECK(c.decode.size() == 7);
  CHECK(c.prefill.size() == 5 - 1);  // 4 nodes and 16,384 tokens are the scenario's own
  CHECK(decode(18, 32).layout.of_scenario);
  for (std::size_t i = 1; i < c.decode.size(); ++i)
    if (c.decode[i].allowed) CHECK(c.decode[i - 1].usd_per_mtok <= c.decode[i].usd_per_mtok);
}

TEST_CASE("prefill layouts that differ in tokens alone have different names") {
  const auto name = [](std::int64_t tokens) {
    Candidate c;
    c.phase = step::Phase::kPrefill;
    c.node = "h800-8", c.nodes = 4, c.redundant_experts = 32, c.overlap = "two_batch",
    c.tokens_per_gpu = tokens;
    return c.name();
  };
  CHECK(name(16384) == "4 x h800-8 +32 two_batch 16k");
  CHECK(name(16000) == "4 x h800-8 +32 two_batch 16000");
  CHECK(name(512) == "4 x h800-8 +32 two_batch 512");
}

TEST_CASE("a layout that cannot be is kept, with the reader's reason") {
  const DecodeRow& r = decode(5, 0);
  CHECK(!r.allowed);
  CHECK(r.why == "256 experts and 0 replicas do not divide over 40 GPUs: 24 replicas would");
  CHECK(!decode(1, 32).allowed);  // all weights on eight GPUs: no room
}

TEST_CASE("an allowed layout keeps the speed and fits; one more request a GPU does not") {
  for (const DecodeRow& r : small().decode) {
    if (!r.allowed) continue;
    CHECK(r.value.at.speed >= 20.0);
    CHECK(r.value.at.requests <= r.value.fits);
    if (r.value.binds == DecodeValue::Binds::kMemory) CHECK(r.value.at.requests == r.value.fits);
    CHECK(r.value.at.per_gpu == doctest::Approx(r.value.at.requests * r.value.at.speed));
  }
}

TEST_CASE("a million tokens cost what a GPU costs in the time that it takes to make them") {
  const DecodeRow& r = decode(18, 32);
  CHECK(r.value.usd_per_mtok == doctest::Approx(2.0 / 3600.0 * 1e6 / r.value.at.per_gpu));
  const PrefillRow& p = small().prefill.front();
  const double computed = small().mean.computed / small().mean.output;
  REQUIRE(r.usd_per_mtok);
  REQUIRE(r.prefill_gpus);
  CHECK(*r.usd_per_mtok == doctest::Approx(r.value.usd_per_mtok + computed * p.value.usd_per_mtok));
  CHECK(*r.prefill_gpus == doctest::Approx(r.value.at.per_gpu * computed / p.value.per_gpu));
}

TEST_CASE("no batch beats one of the front in speed and throughput at once") {
  const Comparison& c = small();
  REQUIRE(!c.front.empty());
  for (const FrontPoint& p : c.front)
    for (const DecodeRow& r : c.decode)
      for (const Batch& b : r.value.curve) CHECK(!(b.speed > p.batch.speed && b.per_gpu > p.batch.per_gpu));
  for (std::size_t i = 1; i < c.front.size(); ++i) {
    CHECK(c.front[i - 1].batch.speed >= c.front[i].batch.speed);
    CHECK(c.front[i - 1].batch.per_gpu < c.front[i].batch.per_gpu);
  }
}

// H20 for little money: cheap decode, and no prefill of it within five seconds.
Comparison two_types(const std::string& ttft) {
  return compare(handful(R"({"node": {"h800-8": "2.5 USD/h", "h20-8": "0.2 USD/h"}, "ttft_mean": ")" + ttft +
                         R"(", "decode": {"nodes": [4], "redundant_experts": [32]},
                             "prefill": {"nodes": [4], "tokens_per_gpu": [8192]}})"),
                 1);
}

const PrefillRow& cheapest_prefill(const Comparison& c, const std::string& node) {
  for (const PrefillRow& r : c.prefill)
    if (r.allowed && r.layout.node == node) return r;
  throw std::out_of_range("no such row");
}

TEST_CASE("prompts are prefilled on the type of node that decodes: a scenario has one") {
  const Comparison c = two_types("20 s");
  CHECK(c.missing().empty());
  const double computed = c.mean.computed / c.mean.output;
  int of_h20 = 0;
  for (const DecodeRow& r : c.decode) {
    if (!r.allowed) continue;
    const PrefillRow& p = cheapest_prefill(c, r.layout.node);
    REQUIRE(r.usd_per_mtok);
    CHECK(*r.usd_per_mtok == testing::about(r.value.usd_per_mtok + computed * p.value.usd_per_mtok, 1e-12));
    of_h20 += r.layout.node == "h20-8";
  }
  CHECK(of_h20 == 1);
  for (std::size_t i = 1; i < c.decode.size(); ++i)
    if (c.decode[i].allowed) CHECK(c.decode[i - 1].usd_per_mtok <= c.decode[i].usd_per_mtok);
}

TEST_CASE(
    "a type of node on which no prefill is allowed has no price of the whole, and comes after the others") {
  const Comparison c = two_types("5 s");
  CHECK(c.missing() ==
        "No prefill layout of h20-8 is allowed: decode layouts of such nodes have no price with prompts, and "
        "follow those that have");
  CHECK(c.decode.front().layout.node == "h800-8");
  CHECK(c.decode.front().usd_per_mtok);
  CHECK(c.decode.back().layout.node == "h20-8");
  CHECK(c.decode.back().allowed);
  CHECK(!c.decode.back().usd_per_mtok);
  CHECK(c.decode.back().value.usd_per_mtok < c.decode.front().value.usd_per_mtok);  // decode alone
}

TEST_CASE("the lease that a study names for the scenario's own type of node is that of its own layout too") {
  for (const DecodeRow& r : two_types("5 s").decode)
    if (r.layout.of_scenario) CHECK(r.layout.gpu_hour_usd == testing::about(2.5, 1e-12));
}

TEST_CASE("the same comparison on one thread and on three") {
  const std::string axes = R"({"decode": {"nodes": [2, 4], "redundant_experts": [32]}})";
  const Comparison one = compare(handful(axes), 1), three = compare(handful(axes), 3);
  REQUIRE(one.decode.size() == three.decode.size());
  for (std::size_t i = 0; i < one.decode.size(); ++i) {
    CHECK(one.decode[i].layout.name() == three.decode[i].layout.name());
    CHECK(one.decode[i].usd_per_mtok == three.decode[i].usd_per_mtok);
  }
}

TEST_CASE("without an allowed prefill layout rows are ranked by decode alone, without a price of both") {
  const Comparison c = compare(handful(R"({"ttft_mean": "0.1 s", "decode": {"nodes": [4]}})"), 1);
  CHECK(c.missing() == "No prefill layout is allowed: decode layouts are ranked by what decode alone costs");
  REQUIRE(c.decode.size() == 2);
  for (const DecodeRow& r : c.decode) {
    CHECK(r.allowed);
    CHECK(!r.usd_per_mtok);
    CHECK(!r.prefill_gpus);
  }
  CHECK(c.decode[0].value.usd_per_mtok < c.decode[1].value.usd_per_mtok);
  CHECK(c.decode[0].layout.nodes == 4);
}

TEST_CASE("without an allowed decode layout nothing has a price of the whole, and that is said") {
  const Comparison c = compare(handful(R"({"output_speed": "2000 tok/s"})"), 1);
  CHECK(c.missing() == "No decode layout is allowed: what a million output tokens cost is not known");
  CHECK(!c.decode.front().usd_per_mtok);
  CHECK(c.prefill.front().allowed);
  CHECK(compare(handful(R"({"output_speed": "2000 tok/s", "ttft_mean": "0.1 s"})"), 1).missing() ==
        "No decode layout is allowed, and no prefill layout");
  CHECK(small().missing().empty());
}

TEST_CASE("a layout that is never fast enough is refused with what its first batch spends its time on") {
  const Comparison c = compare(handful(R"({"output_speed": "200 tok/s"})"), 1);
  const DecodeRow& r = c.decode.front();
  CHECK(!r.allowed);
  CHECK(r.value.parts.attention + r.value.parts.experts + r.value.parts.other + r.value.parts.exchange ==
        doctest::Approx(1.0));
  CHECK(r.why ==
        fmt::format("{:.1f} tok/s with one request a GPU where 200.0 is wanted; {:.0f} % of a layer is "
                    "projections and small kernels: they shrink with the batch alone",
                    r.value.curve.front().speed, 100.0 * r.value.parts.other));
  CHECK(r.value.parts.other > 0.4);
}

TEST_CASE("batches go on beyond 512 requests until the speed or the memory ends them") {
  const std::string classes = R"(workload.classes=[{"name": "short", "share": 1.0,
      "input_tokens": {"constant": 64}, "output_tokens": {"constant": 64}}])";
  const auto own = [&](const std::string& speed) {
    return compare(read_study(TIDELINE_FLAGSHIP, {"layouts={\"output_speed\": \"" + speed + "\"}", classes}),
                   1)
        .decode.front();
  };
  const DecodeRow fast = own("3 tok/s"), slow = own("0.1 tok/s");
  CHECK(fast.value.binds == DecodeValue::Binds::kSpeed);
  CHECK(fast.value.at.requests > 512.0);
  CHECK(fast.value.at.speed == doctest::Approx(3.0).epsilon(0.02));
  CHECK(slow.value.binds == DecodeValue::Binds::kMemory);
  CHECK(slow.value.at.requests == slow.value.fits);
  CHECK(slow.value.fits > 4096.0);
  CHECK(slow.why ==
        fmt::format("memory holds {:.0f} requests a GPU: more nodes leave room for more", slow.value.fits));
}

TEST_CASE("memory that a scenario keeps is kept in both phases, and the refusal names it") {
  const Comparison c =
      compare(read_study(TIDELINE_FLAGSHIP, {"layouts={}", "prefill.memory_reserve=0.49"}), 1);
  CHECK(!c.prefill.front().allowed);
  CHECK(c.prefill.front().why ==
        "weights leave no room for the cache of one pass with 49 % of memory kept for "
        "activations and buffers: more nodes, or fewer replicas");
}

}  // namespace
}  // namespace tideline::layouts
