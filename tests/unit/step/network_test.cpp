// Is the network of a unit what its scenario says, and refused where no exchange would feel it?
#include <string>

#include "sim/base/error.h"
#include "sim/step/unit.h"
#include "tests/doctest.h"

namespace tideline::step {
namespace {

Unit read(const std::string& keys, const std::string& node = "h800-8") {
  const auto document =
      config::Document::parse(R"({"nodes": 4, "expert_load": {"kind": "balanced"})" + keys + "}", "unit");
  const Unit unit =
      read_unit(document.root(), Phase::kDecode, catalog::load_llm("deepseek-v3"), catalog::load_node(node));
  document.finish();
  return unit;
}

std::string complaint(const std::string& keys, const std::string& node = "h800-8") {
  try {
    (void)read(keys, node);
  } catch (const InputError& e) {
    return e.problems().front().message;
  }
  return "";
}

TEST_CASE("a degraded rail is that NIC of every node; of several shares of one NIC the least counts") {
  const Unit u = read(R"(, "exchange": "counted", "network": {"degraded":
                      [{"rail": 3, "share": 0.5}, {"gpu": 11, "share": 0.25}, {"gpu": 19, "share": 0.9}]})");
  REQUIRE(u.nic_shares.size() == 32);
  for (const auto& [gpu, share] : {std::pair{2U, 1.0}, {3U, 0.5}, {11U, 0.25}, {19U, 0.5}, {27U, 0.5}})
    CHECK(u.nic_shares[gpu] == share);
}

TEST_CASE("what the unit says of its spine goes before the record of the fabric") {
  const Unit u =
      read(R"(, "exchange": "counted", "network": {"oversubscription": 2.5, "nodes_per_leaf": 2})");
  CHECK(u.fabric.oversubscription == 2.5);
  CHECK(u.fabric.nodes_per_leaf == 2);
  CHECK(u.fabric.cross_leaf_latency == catalog::load_fabric("rail-optimised-400g").cross_leaf_latency);
  CHECK(u.nic_shares.empty());
}

TEST_CASE("exchanges are fitted where a table was published for the node, else counted") {
  CHECK(read("").exchange == ExchangeModel::kFitted);
  CHECK(read("", "h100-8").exchange == ExchangeModel::kCounted);
  CHECK(read(R"(, "exchange": "counted")").exchange == ExchangeModel::kCounted);
}

TEST_CASE(
    "fitted exchanges on a node that nobody measured are refused, and so is a network they cannot feel") {
  CHECK(complaint(R"(, "exchange": "fitted")", "h20-8") ==
        "no all-to-all was measured on h20-8 that could be fitted");
  CHECK(complaint(R"(, "network": {"oversubscription": 2})") ==
        "fitted exchanges would not feel it: they are those of whole rails and a full spine");
  CHECK(complaint(R"(, "network": {"oversubscription": 2})", "h20-8") == "");
}

TEST_CASE("a NIC that sends nothing and a spine that carries nothing are refused") {
  CHECK(complaint(R"(, "exchange": "counted", "network": {"degraded": [{"gpu": 1, "share": 0}]})") ==
        "wants 0.001 or more: a NIC that sends nothing stops the unit");
  CHECK(complaint(R"(, "exchange": "counted", "network": {"oversubscription": 1e9})") ==
        "wants a number from 1 to 1000: down to up at a leaf");
}

}  // namespace
}  // namespace tideline::step
