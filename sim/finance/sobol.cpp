#include "sim/finance/sobol.h"

#include <boost/random/sobol.hpp>

namespace tideline::finance {

std::vector<SobolIndex> sobol_indices(std::size_t inputs, std::int64_t samples,
                                      const std::function<double(std::span<const double>)>& f) {
  boost::random::sobol points(2 * inputs);
  const auto n = static_cast<std::size_t>(samples);
  std::vector<double> a(inputs), b(inputs), at_a(n), at_b(n);
  std::vector<double> mixed(n * inputs);  // f at row `i` of A with one column of B
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (auto* row : {&a, &b})
      for (double& p : *row) p = (static_cast<double>(points() >> 11) + 0.5) * 0x1p-53;
    mean += at_a[i] = f(a);
    mean += at_b[i] = f(b);
    for (std::size_t k = 0; k < inputs; ++k) {
      std::swap(a[k], b[k]);
      mixed[i * inputs + k] = f(a);
      std::swap(a[k], b[k]);
    }
  }
  mean /= 2.0 * static_cast<double>(n);
  double variance = 0.0;
  for (std::size_t i = 0; i < n; ++i)
    variance += (at_a[i] - mean) * (at_a[i] - mean) + (at_b[i] - mean) * (at_b[i] - mean);
  std::vector<SobolIndex> indices(inputs);
  if (variance == 0.0) return indices;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < inputs; ++k) {
      const double moved = mixed[i * inputs + k] - at_a[i];
      indices[k].first += (at_b[i] - mean) * moved * 2.0 / variance;
      indices[k].total += moved * moved / variance;
    }
  return indices;
}

}  // namespace tideline::finance
