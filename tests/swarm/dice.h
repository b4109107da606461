// Random cases for laws that must hold of any, by number: the same number, the same case. A law that fails
// says its number; TIDELINE_SWARM=number runs that one alone.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <initializer_list>

#include "sim/base/random.h"

namespace tideline::swarm {

class Dice {
 public:
  explicit Dice(std::uint64_t number) : number_(number) {}
  double between(double low, double high) { return low + (high - low) * next(); }
  std::int64_t whole(std::int64_t low, std::int64_t high) {  // both ends too
    return low + static_cast<std::int64_t>(next() * static_cast<double>(high - low + 1));
  }
  bool one_in(int n) { return whole(1, n) == 1; }
  template <class T>
  T pick(std::initializer_list<T> of) {
    return of.begin()[whole(0, static_cast<std::int64_t>(of.size()) - 1)];
  }

 private:
  double next() { return uniform(stream_.block(number_, n_++)[0]); }
  RandomStream stream_{1, 0, Purpose::kRequest};
  std::uint64_t number_, n_ = 0;
};

template <class Law>
void for_numbers(std::uint64_t count, Law law) {
  const char* only = std::getenv("TIDELINE_SWARM");
  const std::uint64_t first = only != nullptr ? std::strtoull(only, nullptr, 10) : 0;
  for (std::uint64_t n = first; n < (only != nullptr ? first + 1 : count); ++n) law(n);
}

}  // namespace tideline::swarm
