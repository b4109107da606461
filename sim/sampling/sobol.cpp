#include "sim/sampling/sobol.h"

#include <algorithm>
#include <boost/random/sobol.hpp>

namespace tideline::sampling {

struct Sobol::Engine {
  explicit Engine(std::size_t dimensions) : at_one(dimensions) {}
  boost::random::sobol at_one;  // Boost leaves the origin out: its first point is number 1
};

Sobol::Sobol(std::size_t dimensions) : engine_(std::make_unique<const Engine>(dimensions)) {}
Sobol::~Sobol() = default;

void Sobol::bits(std::uint64_t index, std::span<std::uint64_t> coordinates) const {
  if (index == 0) {
    std::ranges::fill(coordinates, 0);
    return;
  }
  boost::random::sobol at = engine_->at_one;
  at.seed(index - 1);
  for (std::uint64_t& c : coordinates) c = at();
}

}  // namespace tideline::sampling
