#include "sim/step/surface.h"

#include <algorithm>
#include <cmath>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline::step {
namespace {

Seconds curved_step(const DecodeLoad& l) {
  return Seconds(0.02 + 4e-4 * std::pow(l.requests_busiest, 1.1) + 1e-4 * l.requests_mean +
                 3e-8 * l.kv_busiest + 5e-5 * std::sqrt(l.kv_busiest));
}

Seconds curved_pass(const PrefillLoad& l) {
  return Seconds(0.01 + 6e-5 * l.tokens_busiest + 3e-5 * l.tokens_mean + 4e-9 * l.pairs_busiest +
                 1e-6 * l.context_busiest);
}

TEST_CASE("a decode surface reads a curved function within 1 % beyond the first point of its grid") {
  const DecodeSurface surface(curved_step, 512, 700'000);
  const RandomStream words(2, 0, Purpose::kKernelError);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const PhiloxBlock w = words.block(i);
    const double busiest = 1.0 + 500.0 * uniform(w[0]);
    const DecodeLoad load{busiest * uniform(w[1]), busiest, 8192 + 690'000 * uniform(w[2])};
    REQUIRE(surface(load).value() == doctest::Approx(curved_step(load).value()).epsilon(0.01).scale(0));
  }
}

TEST_CASE("equal loads on every rank are read as exactly as unequal ones") {
  const auto linear = [](const DecodeLoad& l) { return Seconds(l.requests_busiest + 2.0 * l.requests_mean); };
  const DecodeSurface surface(linear, 512, 100'000);
  for (double n = 1.0; n < 512.0; n += 0.7)
    REQUIRE(surface({n, n, 50'000}).value() == doctest::Approx(3.0 * n).epsilon(1e-9).scale(0));
}

TEST_CASE("a prefill surface reads tokens, mean tokens, pairs and context") {
  const PrefillSurface surface(curved_pass, weigh(curved_pass), 16384, 131072);
  const RandomStream words(3, 0, Purpose::kKernelError);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const PhiloxBlock w = words.block(i);
    const double busiest = 128.0 + 16000.0 * uniform(w[0]);
    const PrefillLoad load{busiest * uniform(w[1]), busiest, busiest * 60'000 * uniform(w[2]),
                           busiest + 50'000 * uniform(w[3])};
    REQUIRE(surface(load).value() == doctest::Approx(curved_pass(load).value()).epsilon(0.01).scale(0));
  }
}

TEST_CASE("tokens and context weigh as many pairs as take their time, and none where pairs are free") {
  const PrefillSurface surface(curved_pass, weigh(curved_pass), 16384, 131072);
  CHECK(surface.weights().pairs_per_context == doctest::Approx(1e-6 / 4e-9).epsilon(1e-6));
  CHECK(surface.weights().pairs_per_token == doctest::Approx(6e-5 / 4e-9).epsilon(1e-6));
  const PassTime one = [](const PrefillLoad&) { return Seconds(1.0); };
  const PrefillSurface flat(one, weigh(one), 16384, 131072);
  CHECK(flat.weights().pairs_per_token == 0.0);
  CHECK(flat({1, 1, 1, 1}) == Seconds(1.0));
}

}  // namespace
}  // namespace tideline::step
