#include "calib/profile/reference.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace tideline::profile;

TEST_CASE("E4M3: zero, the smallest, one, the largest, NaN") {
  CHECK(from_e4m3(0x00) == 0.0);
  CHECK(from_e4m3(0x01) == std::ldexp(1.0, -9));
  CHECK(from_e4m3(0x08) == std::ldexp(1.0, -6));
  CHECK(from_e4m3(0x38) == 1.0);
  CHECK(from_e4m3(0xbc) == -1.5);
  CHECK(from_e4m3(0x7e) == 448.0);
  CHECK(std::isnan(from_e4m3(0x7f)));
}

TEST_CASE("BF16 is the upper half of a float") {
  CHECK(from_bf16(0x3f80) == 1.0);
  CHECK(from_bf16(0xc0a0) == -5.0);
}

TEST_CASE("Attention over one key is its value, over equal keys their mean") {
  CHECK(attend({1, 2}, {{3, 4}}, {{5, 6, 7}}, 0.5) == Row{5, 6, 7});
  CHECK(attend({1, 2}, {{3, 4}, {3, 4}}, {{1}, {3}}, 0.5)[0] == doctest::Approx(2));
  // Scores 0 and ln 3: weights a quarter and three.
  CHECK(attend({1}, {{0}, {std::log(3.0)}}, {{0}, {4}}, 1.0)[0] == doctest::Approx(3));
}

TEST_CASE("A normed row has the weight's root mean square") {
  const Row y = rms_norm({3, -4}, {1, 1}, 0);
  CHECK(y[0] == doctest::Approx(3 / std::sqrt(12.5)));
  CHECK(y[1] == doctest::Approx(-4 / std::sqrt(12.5)));
}

TEST_CASE("The router keeps groups by their two best, and chooses inside them") {
  // Four groups of two; group 0 has the single best expert and is beaten by pairs.
  const Choice choice = route({9, -9, 1, 1, 2, 2, -9, -9}, Row(8, 0.0), 4, 2, 2, 1.0);
  CHECK(choice.experts == std::vector<int>{4, 5});
  CHECK(choice.weights[0] == doctest::Approx(0.5));
}

TEST_CASE("A bias moves the choice and not the weights") {
  const Choice choice = route({0, 0, 0, 0}, {0, 0, 0, 1}, 2, 1, 2, 2.5);
  CHECK(choice.experts == std::vector<int>{3, 2});
  CHECK(choice.weights[0] == doctest::Approx(1.25));
}

TEST_CASE("A result that is not a number is no small error") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(relative_error({1, 1}, {1, 1}) == 0);
  CHECK(relative_error({2, 1}, {1, 1}) == 1);
  CHECK_FALSE(relative_error({1, nan, 1}, {1, 1, 1}) <= 1e9);
  CHECK_FALSE(relative_error({nan, 5, 1}, {1, 1, 1}) <= 1e9);
}
