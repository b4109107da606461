// Shares of the variance of a function of independent inputs, by variance decomposition: what each input does
// by itself (first order) and with all that it does together with others (total).
// Source: Saltelli et al., "Variance based sensitivity analysis of model output", Computer Physics
// Communications 181 (2010): first order as their equation (b), total order as Jansen's (f), from two
// matrices of a Sobol sequence (sim/sampling), its origin left out. Deterministic, on any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace tideline::finance {

struct SobolIndex {
  double first = 0, total = 0;
};

// `f` takes one probability, in (0, 1), an input. It is called samples x (inputs + 2) times, from `threads`
// threads at once. All 0 where it does not vary. Error: of order 1 / samples for smooth functions.
std::vector<SobolIndex> sobol_indices(std::size_t inputs, std::int64_t samples,
                                      const std::function<double(std::span<const double>)>& f,
                                      int threads = 1);

}  // namespace tideline::finance
