// On how many nodes do the experts of a token stand?
#include "sim/network/routing.h"

#include <initializer_list>

#include "tests/doctest.h"

namespace tideline::network {
namespace {

// Chance that none of `drawn` out of `all` is among `marked` of them, counted one by one.
double none_of(double all, double marked, int drawn) {
  double p = 1.0;
  for (int i = 0; i < drawn; ++i) p *= (all - marked - i) / (all - i);
  return p;
}

TEST_CASE("without a group limit, it is the hypergeometric count") {
  for (const int nodes : {2, 4, 8, 32}) {
    const double expected = nodes * (1.0 - none_of(256.0, 256.0 / nodes, 8));
    CHECK(nodes_per_token(256, 1, 1, 8, nodes) == testing::about(expected, 1e-12));
    CHECK(nodes_per_token(256, 8, 8, 8, nodes) == testing::about(expected, 1e-12));
  }
}

// The routing of DeepEP's test: one group a node, at most four chosen; the bytes of its table rest on these.
TEST_CASE("the nodes of DeepEP's table") {
  CHECK(nodes_per_token(256, 2, 2, 8, 2) == testing::about(1.99302, 1e-5));
  CHECK(nodes_per_token(256, 4, 4, 8, 4) == testing::about(3.61421, 1e-5));
  CHECK(nodes_per_token(256, 8, 4, 8, 8) == testing::about(3.98308, 1e-5));
}

// Simulated with DeepSeek-V3's own gate (sum of a group's two best): 1.97, 3.11, 3.96, 6.09.
TEST_CASE("DeepSeek-V3's groups keep a token on few nodes") {
  CHECK(nodes_per_token(256, 8, 4, 8, 2) == testing::about(1.97, 0.01));
  CHECK(nodes_per_token(256, 8, 4, 8, 4) == testing::about(3.11, 0.01));
  CHECK(nodes_per_token(256, 8, 4, 8, 8) == testing::about(3.96, 0.01));
  CHECK(nodes_per_token(256, 8, 4, 8, 18) == testing::about(6.09, 0.01));
}

TEST_CASE("one node holds everything, and an expert a node makes each choice a node") {
  CHECK(nodes_per_token(256, 8, 4, 8, 1) == testing::about(1.0));
  CHECK(nodes_per_token(256, 8, 4, 8, 256) == testing::about(8.0));
  CHECK(nodes_per_token(256, 8, 4, 8, 300) == testing::about(8.0));
  CHECK(nodes_per_token(8, 1, 1, 8, 4) == testing::about(4.0));
}

TEST_CASE("one group of four chosen: its experts stand on one node of four") {
  CHECK(nodes_per_token(64, 4, 1, 8, 4) == testing::about(1.0));
  CHECK(nodes_per_token(64, 4, 1, 8, 8) == testing::about(2.0 * (1.0 - none_of(16.0, 8.0, 8))));
}

// Not for any larger number: on 7 nodes a group is cut and stands on two, on 8 none is.
TEST_CASE("nodes cut in two hold a token on more of them") {
  for (int nodes = 1; nodes <= 64; ++nodes)
    CHECK(nodes_per_token(256, 8, 4, 8, 2 * nodes) > nodes_per_token(256, 8, 4, 8, nodes));
}

}  // namespace
}  // namespace tideline::network
