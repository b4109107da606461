#include "sim/workload/distribution.h"

#include <cmath>
#include <vector>

#include "sim/base/random.h"
#include "sim/workload/normal.h"
#include "tests/doctest.h"

namespace tideline::workload {
namespace {

double sampled_mean(const Distribution& d, int blocks) {
  const RandomStream words(3, 0, Purpose::kRequest);
  double sum = 0.0;
  for (int i = 0; i < blocks; ++i)
    for (const std::uint32_t w : words.block(static_cast<std::uint64_t>(i))) sum += d(w);
  return sum / (4.0 * blocks);
}

TEST_CASE("the normal quantile inverts the normal distribution to the last digits") {
  for (const double p : {1e-9, 1e-4, 0.02, 0.3, 0.5, 0.9, 0.999, 1 - 1e-9})
    CHECK(normal_cdf(normal_quantile(p)) == testing::about(p, 1e-12));
  CHECK(normal_quantile(0.975) == testing::about(1.959963984540054, 1e-12));
}

TEST_CASE("a log-normal table has the mean of the truncated log-normal, within 0.05 %") {
  const double mu = 7.196327764417416, sigma = 1.5, max = 65536;
  const double z = (std::log(max) - mu) / sigma;
  const double exact = std::exp(mu + sigma * sigma / 2) * normal_cdf(z - sigma) / normal_cdf(z);
  const auto d = Distribution::log_normal(mu, sigma, max);
  CHECK(d.mean() == testing::about(exact, 5e-4));
  CHECK(sampled_mean(d, 500'000) == testing::about(exact, 5e-3));
}

TEST_CASE("a draw rises with its word and stays inside the distribution's ends") {
  const auto d = Distribution::log_normal(5.0, 1.0, 1000);
  double before = 0.0;
  for (std::uint64_t w = 0; w < (1ull << 32); w += 1'000'003) {
    const double x = d(static_cast<std::uint32_t>(w));
    CHECK(x >= before);
    before = x;
  }
  CHECK(d(0) > 0.0);
  CHECK(d(0xffffffffu) <= 1000.0);
  CHECK(d(0x80000000u) ==
        testing::about(std::exp(5.0 + normal_quantile(0.5 * normal_cdf((std::log(1000) - 5.0))))));
}

TEST_CASE("a piecewise table returns its own points") {
  const auto d = Distribution::piecewise({0.0, 0.5, 1.0}, {10, 20, 100});
  CHECK(d(0x80000000u) == testing::about(20.0));
  CHECK(d(0x40000000u) == testing::about(15.0));
  CHECK(d(0xc0000000u) == testing::about(60.0));
  CHECK(d.mean() == testing::about(37.5, 1e-3));
}

}  // namespace
}  // namespace tideline::workload
