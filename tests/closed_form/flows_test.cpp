// Do flows share links as mathematics says?
#include "sim/network/flows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/base/random.h"
#include "tests/doctest.h"

namespace tideline::network {
namespace {

std::vector<Link> links(std::initializer_list<double> capacities) {
  std::vector<Link> out;
  for (const double c : capacities) out.push_back({c, 0.0});
  return out;
}

double makespan(const std::vector<double>& ends) {
  return *std::ranges::max_element(ends);
}

TEST_CASE("two flows on a link get half each, and the longer one the whole when the other is done") {
  const auto one = links({10.0});
  const std::vector<Flow> flows{{{0}, 10.0}, {{0}, 30.0}};
  CHECK(max_min_rates(one, flows) == std::vector<double>{5.0, 5.0});
  CHECK(completion_times(one, flows) == std::vector<double>{2.0, 4.0});
}

// Bertsekas and Gallager, figure 6.18: one flow along all links of a chain, one on each.
TEST_CASE("the parking lot: the long flow has its share of the narrowest link, the short ones the rest") {
  const auto chain = links({1.0, 1.0, 2.0});
  const std::vector<Flow> flows{{{0, 1, 2}, 1.0}, {{0}, 1.0}, {{1}, 1.0}, {{1}, 1.0}, {{2}, 1.0}};
  const std::vector<double> rates = max_min_rates(chain, flows);
  for (const auto& [f, rate] :
       {std::pair{0, 1.0 / 3}, {1, 2.0 / 3}, {2, 1.0 / 3}, {3, 1.0 / 3}, {4, 5.0 / 3}})
    CHECK(rates[static_cast<std::size_t>(f)] == doctest::Approx(rate));
}

TEST_CASE("without links or bytes a flow takes no time") {
  const auto one = links({1.0});
  CHECK(max_min_rates(one, std::vector<Flow>{{{}, 1.0}})[0] == std::numeric_limits<double>::infinity());
  CHECK(completion_times(one, std::vector<Flow>{{{}, 1.0}, {{0}, 0.0}, {{0}, 3.0}}) ==
        std::vector<double>{0.0, 0.0, 3.0});
  CHECK(completion_times(one, {}).empty());
}

struct Case {
  std::vector<Link> links;
  std::vector<Flow> flows;
};

Case random_case(std::uint64_t n) {
  const RandomStream stream(7, 0, Purpose::kRequest);
  std::uint64_t i = 0;
  const auto draw = [&] { return uniform(stream.block(n, i++)[0]); };
  Case out;
  for (int l = 0; l < 6; ++l) out.links.push_back({0.5 + 4.0 * draw(), 0.0});
  for (int f = 0; f < 12; ++f) {
    Flow flow{{}, 0.1 + draw()};
    for (int l = 0; l < 6; ++l)
      if (draw() < 0.4) flow.links.push_back(l);
    if (flow.links.empty()) flow.links.push_back(f % 6);
    out.flows.push_back(flow);
  }
  return out;
}

// The definition, by small steps: all unfixed rates rise together until some link is full.
std::vector<double> naive_rates(const Case& c) {
  std::vector<double> rates(c.flows.size(), 0.0);
  std::vector<bool> fixed(c.flows.size(), false);
  while (std::ranges::count(fixed, false) > 0) {
    double rise = std::numeric_limits<double>::infinity();
    const auto state = [&](std::size_t l) {
      double used = 0.0, rising = 0.0;
      for (std::size_t f = 0; f < rates.size(); ++f)
        if (std::ranges::count(c.flows[f].links, static_cast<int>(l)) > 0)
          used += rates[f], rising += fixed[f] ? 0.0 : 1.0;
      return std::pair{c.links[l].capacity_Bps - used, rising};
    };
    for (std::size_t l = 0; l < c.links.size(); ++l)
      if (const auto [room, rising] = state(l); rising > 0.0) rise = std::min(rise, room / rising);
    for (std::size_t f = 0; f < rates.size(); ++f)
      if (!fixed[f]) rates[f] += rise;
    for (std::size_t l = 0; l < c.links.size(); ++l)
      if (const auto [room, rising] = state(l); rising > 0.0 && room < 1e-12)
        for (std::size_t f = 0; f < rates.size(); ++f)
          if (std::ranges::count(c.flows[f].links, static_cast<int>(l)) > 0) fixed[f] = true;
  }
  return rates;
}

TEST_CASE(
    "random flows: as the naive filling, on no link more than its capacity, never below the link bound") {
  for (std::uint64_t n = 0; n < 200; ++n) {
    const Case c = random_case(n);
    CAPTURE(n);
    const std::vector<double> rates = max_min_rates(c.links, c.flows), naive = naive_rates(c);
    std::vector<double> used(c.links.size(), 0.0);
    for (std::size_t f = 0; f < rates.size(); ++f) {
      CHECK(rates[f] == doctest::Approx(naive[f]).epsilon(1e-9));
      for (const int l : c.flows[f].links) used[static_cast<std::size_t>(l)] += rates[f];
    }
    for (std::size_t l = 0; l < used.size(); ++l) CHECK(used[l] <= c.links[l].capacity_Bps * (1 + 1e-12));
    CHECK(makespan(completion_times(c.links, c.flows)) >= link_bound(c.links, c.flows) * (1 - 1e-12));
  }
}

TEST_CASE("twice the capacity everywhere halves every time") {
  for (std::uint64_t n = 0; n < 50; ++n) {
    Case c = random_case(n);
    const std::vector<double> before = completion_times(c.links, c.flows);
    for (Link& link : c.links) link.capacity_Bps *= 2.0;
    const std::vector<double> after = completion_times(c.links, c.flows);
    for (std::size_t f = 0; f < before.size(); ++f) CHECK(after[f] == doctest::Approx(before[f] / 2));
  }
}

// A shares link 0 with B; B shares link 1 with C. A wider link 0 lets B run faster, and C is the worse for
// it.
TEST_CASE("max-min is not monotone flow by flow: a wider link can slow a flow elsewhere") {
  const std::vector<Flow> flows{{{0}, 4.0}, {{0, 1}, 2.0}, {{1}, 2.0}};
  const double narrow = completion_times(links({1.0, 2.0}), flows)[2];
  CHECK(completion_times(links({4.0, 2.0}), flows)[2] > narrow);
}

}  // namespace
}  // namespace tideline::network
