#include "sim/finance/sobol.h"

#include "sim/parallel/for_each_index.h"
#include "sim/sampling/sobol.h"

namespace tideline::finance {

std::vector<SobolIndex> sobol_indices(std::size_t inputs, std::int64_t samples,
                                      const std::function<double(std::span<const double>)>& f, int threads) {
  const sampling::Sobol points(2 * inputs);
  const auto n = static_cast<std::size_t>(samples);
  std::vector<double> at_a(n), at_b(n);
  std::vector<double> mixed(n * inputs);  // f at row `i` of A with one column of B
  parallel::for_each_index(n, threads, [&](std::size_t i) {
    std::vector<std::uint64_t> bits(2 * inputs);
    std::vector<double> a(inputs), b(inputs);
    points.bits(i + 1, bits);
    for (std::size_t k = 0; k < inputs; ++k) {
      a[k] = sampling::coordinate(bits[k]);
      b[k] = sampling::coordinate(bits[inputs + k]);
    }
    at_a[i] = f(a);
    at_b[i] = f(b);
    for (std::size_t k = 0; k < inputs; ++k) {
      std::swap(a[k], b[k]);
      mixed[i * inputs + k] = f(a);
      std::swap(a[k], b[k]);
    }
  });
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    mean += at_a[i];
    mean += at_b[i];
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
