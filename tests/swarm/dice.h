// Random cases for laws that must hold of any, by number: the same number, the same case. A law that fails
// says its number, and so does a program that dies: TIDELINE_SWARM=number runs that one alone.
// TIDELINE_SWARM_CASES=count runs so many cases of every law.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <initializer_list>

#include "sim/base/random.h"
#include "tests/swarm/last_words.h"

namespace tideline::swarm {

class Dice {
 public:
  explicit Dice(std::uint64_t number) : number_(number) {}
  double between(double low, double high) { return low + (high - low) * next(); }
  std::int64_t whole(std::int64_t low, std::int64_t high) {  // both ends too
    return low + static_cast<std::int64_t>(next() * static_cast<double>(high - low + 1));
  }
  // Of a table of that many entries.
  std::size_t index(std::size_t size) {
    return static_cast<std::size_t>(whole(0, static_cast<std::int64_t>(size) - 1));
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
  const auto asked = [](const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
  };
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  const std::uint64_t only = asked("TIDELINE_SWARM", kAll);
  const std::uint64_t first = only == kAll ? 0 : only;
  const std::uint64_t end = only == kAll ? asked("TIDELINE_SWARM_CASES", count) : only + 1;
  for (std::uint64_t n = first; n < end; ++n) {
    under_way(n);
    law(n);
  }
}

}  // namespace tideline::swarm
