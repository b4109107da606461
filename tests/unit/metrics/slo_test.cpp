#include "sim/metrics/slo.h"

#include <string>

#include "tests/doctest.h"

namespace tideline::metrics {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// First token after 2 s, then `output` - 1 tokens, 50 ms each.
fleet::Finished request(std::int32_t output) {
  return {.id = 0,
          .arrival = {0},
          .first_token = {2000 * kMs},
          .last_token = {(2000 + 50 * (output - 1)) * kMs},
          .input = 10,
          .cached = 0,
          .output = output,
          .request_class = 0};
}

Attainment of(const fleet::Finished& r, const Slo& slo) {
  Attainment a;
  a.offered = 1;
  a.answered(r, slo);
  return a;
}

std::optional<Slos> read(const std::string& slo) {
  const auto document = config::Document::parse("{\"slo\": " + slo + "}", "slo.json");
  const std::vector<workload::RequestClass> classes{workload::RequestClass::named("chat"),
                                                    workload::RequestClass::named("api")};
  const auto slos = read_slos(document.root(), classes);
  document.finish();
  return slos;
}

TEST_CASE("a request is good when it keeps all of its objectives, to the nanosecond") {
  const Slo kept{.ttft = {2000 * kMs}, .tpot = {50 * kMs}, .e2e = {2950 * kMs}};
  CHECK(of(request(20), kept).good == 1);
  CHECK(of(request(20), kept).good_output_tokens == 20);
  Slo late = kept;
  late.ttft.ns -= 1;
  CHECK(of(request(20), late).good == 0);
  CHECK(of(request(20), late).ttft_missed == 1);
  CHECK(of(request(20), late).tpot_missed == 0);
}

TEST_CASE("one request may miss several objectives, and counts in each") {
  const Attainment a = of(request(20), {.ttft = {kMs}, .tpot = {kMs}, .e2e = {kMs}});
  CHECK(a.good == 0);
  CHECK(a.ttft_missed + a.tpot_missed + a.e2e_missed == 3);
}

TEST_CASE("an answer of one token has no gap between tokens and keeps any TPOT") {
  CHECK(of(request(1), {.tpot = {1}}).good == 1);
}

TEST_CASE("what was offered and not answered counts against the share") {
  Attainment a = of(request(20), {});
  a.offered = 4;
  CHECK(a.share() == 0.25);
  CHECK(Attainment{}.share() == 1.0);
}

TEST_CASE("what a class says replaces what the whole says, key by key") {
  const auto slos = read(R"({"ttft": "5 s", "tpot": "50 ms", "classes": {"api": {"ttft": "20 s"}}})");
  CHECK(slos->by_class[0].ttft.ns == 5000 * kMs);
  CHECK(slos->by_class[1].ttft.ns == 20'000 * kMs);
  CHECK(slos->by_class[1].tpot.ns == 50 * kMs);
  CHECK(slos->by_class[1].e2e == kNoLimit);
  CHECK(slos->share == 0.9);
}

TEST_CASE("there are no objectives where a scenario names none") {
  CHECK_FALSE(read("null").has_value());
}

std::string mistake(const std::string& slo) {
  try {
    read(slo);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

TEST_CASE("mistakes in SLOs are told: a class that is not there, nothing asked, nothing that can be kept") {
  CHECK(mistake(R"({"ttft": "5 s", "classes": {"chatt": {"ttft": "1 s"}}})").find("chatt") !=
        std::string::npos);
  CHECK(mistake(R"({"share": 0.5})").find("nothing is asked of a request") != std::string::npos);
  CHECK(mistake(R"({"ttft": "0 s"})").find("no request could keep it") != std::string::npos);
}

}  // namespace
}  // namespace tideline::metrics
