#include "sim/serving/speculation.h"

#include <array>
#include <cmath>
#include <cstdint>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline::serving {
namespace {

struct Moments { double mean, sd; };

template <class Draw>
Moments moments(int draws, Draw draw) {
  const RandomStream words(11, 0, Purpose::kSpeculation);
  double sum = 0.0, squares = 0.0;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(draws); ++i) {
    const double x = draw(words, i);
    sum += x, squares += x * x;
  }
  const double mean = sum / draws;
  return {mean, std::sqrt(squares / draws - mean * mean)};
}

// Token by token: each step makes one, and a second one with the chance of acceptance.
Moments by_steps(double acceptance, std::int32_t tokens) {
  return moments(40'000, [&](const RandomStream& words, std::uint64_t id) {
    int made = 0, steps = 0;
    for (; made < tokens; ++steps)
      made += 1 + (uniform(words.block(id, 1 + static_cast<std::uint64_t>(steps))[0]) < acceptance);
    return static_cast<double>(steps);
  });
}

Moments by_law(double acceptance, std::int32_t tokens) {
  const Speculation speculation(acceptance);
  return moments(40'000, [&](const RandomStream& words, std::uint64_t id) {
    return static_cast<double>(speculation.steps(tokens, words.block(id)[0]));
  });
}

TEST_CASE("without drafting an answer takes a step a token") {
  CHECK(Speculation(0.0).steps(17, 123456u) == 17);
  CHECK(Speculation(0.0).tokens_per_step() == 1.0);
}

TEST_CASE("with certain acceptance it takes half as many, rounded up") {
  for (const std::int32_t tokens : {1, 2, 7, 100})
    CHECK(Speculation(1.0).steps(tokens, 1u) == (tokens + 1) / 2);
}

TEST_CASE("steps agree in mean and spread with drawing every token") {
  for (const double acceptance : {0.5, 0.85})
    for (const std::int32_t tokens : {1, 2, 4, 24, 25, 40, 100, 400}) {
      CAPTURE(acceptance);
      CAPTURE(tokens);
      const Moments want = by_steps(acceptance, tokens), got = by_law(acceptance, tokens);
      CHECK(std::abs(got.mean - want.mean) < 0.02 + 4.0 * want.sd / 200.0);  // 200: root of the draws
      CHECK(std::abs(got.sd - want.sd) < 0.12 + 0.03 * want.sd);
    }
}

TEST_CASE("an answer never takes fewer steps than its drafts allow, nor more than its tokens") {
  const Speculation speculation(0.85);
  for (const std::uint32_t word : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu})
    for (std::int32_t tokens = 1; tokens < 300; ++tokens) {
      const std::int32_t steps = speculation.steps(tokens, word);
      REQUIRE(steps >= (tokens + 1) / 2);
      REQUIRE(steps <= tokens);
    }
}

}  // namespace
}  // namespace tideline::serving
