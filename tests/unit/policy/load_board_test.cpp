#include "sim/policy/load_board.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "sim/base/random.h"
#include "sim/policy/balancers.h"
#include "tests/doctest.h"

namespace tideline::policy {
namespace {

std::size_t by_search(const std::vector<double>& loads) {
  return static_cast<std::size_t>(std::min_element(loads.begin(), loads.end()) - loads.begin());
}

TEST_CASE("the least is what a search through all finds, the first of equals, whatever changes") {
  const RandomStream words(5, 0, Purpose::kRequest);
  for (const std::size_t servers : {1, 2, 15, 16, 17, 32, 144}) {
    LoadBoard board(servers);
    std::vector<double> loads(servers, 0.0), growth(servers);
    for (std::uint64_t i = 0; i < 2000; ++i) {
      const PhiloxBlock w = words.block(i, servers);
      const std::size_t server = w[0] % servers;
      const double load = w[1] % 8;  // few values: many equals
      if (w[2] % 16 == 0) {
        for (std::size_t s = 0; s < servers; ++s) growth[s] = words.block(i, 1000 + s)[0] % 4;
        board.add_each(growth);
        for (std::size_t s = 0; s < servers; ++s) loads[s] += growth[s];
      } else if (w[2] % 2 == 0) {
        board.set(server, load), loads[server] = load;
      } else {
        board.add(server, load), loads[server] += load;
      }
      if (w[3] % 3 == 0) REQUIRE(board.least() == by_search(loads));
    }
  }
}

TEST_CASE("several loads may change before the least is asked for") {
  LoadBoard board(40);
  for (std::size_t s = 0; s < 40; ++s) board.set(s, 10.0);
  CHECK(board.least() == 0);
  board.expect_changes();
  board.add(33, -3.0);
  board.add(20, -2.0);
  CHECK(board.least() == 33);
  CHECK(board[33] == 7.0);
}

TEST_CASE("a board on which every server is full says so by the load of its least") {
  LoadBoard board(3);
  for (std::size_t s = 0; s < 3; ++s) board.set(s, std::numeric_limits<double>::infinity());
  CHECK(board.least() == 0);
  CHECK(board[board.least()] == std::numeric_limits<double>::infinity());
}

TEST_CASE("each kind of balancer is found by its name, and has one that ignores the loads") {
  for (const auto& p : kPrefillBalancers) CHECK(kind_of(kPrefillBalancers, p.name) == p.kind);
  for (const auto& p : kDecodeBalancers) CHECK(kind_of(kDecodeBalancers, p.name) == p.kind);
  CHECK(kind_of(kPrefillBalancers, "round_robin") == PrefillBalancer::kRoundRobin);
  CHECK(kind_of(kDecodeBalancers, "round_robin") == DecodeBalancer::kRoundRobin);
  CHECK(names_of(kDecodeBalancers)[0] == "least_loaded");
}

}  // namespace
}  // namespace tideline::policy
