#include "sim/metrics/histogram.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline::metrics {
namespace {

TEST_CASE("quantiles are within the stated error of the exact ones, over nine decades") {
  const RandomStream words(1, 0, Purpose::kRequest);
  Histogram h;
  std::vector<std::int64_t> exact;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const auto ns = static_cast<std::int64_t>(std::exp(20.0 * uniform(words.block(i)[0])));
    exact.push_back(ns);
    h.add({ns});
  }
  std::sort(exact.begin(), exact.end());
  for (const double p : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double want =
        static_cast<double>(exact[static_cast<std::size_t>(std::ceil(p * 20'000)) - 1]) * 1e-9;
    CHECK(h.quantile_s(p) == doctest::Approx(want).epsilon(Histogram::kRelativeError).scale(0.0));
  }
}

TEST_CASE("the mean is exact and merging is adding") {
  Histogram a, b;
  a.add({1000});
  b.add({3000});
  b.add({8000});
  a.merge(b);
  CHECK(a.count() == 3);
  CHECK(a.mean_s() == doctest::Approx(4e-6).scale(0.0));
  CHECK(Histogram{}.summary().p99 == 0.0);
}

}  // namespace
}  // namespace tideline::metrics
