#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "sim/pools/pools.h"
#include "sim/scenario/load.h"

namespace tideline::pools {
namespace {

bool serves(const Pool& pool, const std::string& name) {
  return std::ranges::any_of(pool.scenario.workload.classes,
                             [&](const workload::RequestClass& c) { return c.name() == name; });
}

// It takes a part of the file's load, or all of it: it says nothing of a load but which classes.
bool shares_load(const config::Node& root, const std::string& pool) {
  const auto load = root.object("pools").object(pool).optional_object("workload");
  return !load || std::ranges::all_of(load->keys(), [](const std::string& key) { return key == "only"; });
}

// Each class of the load that pools share is served by one of them; so is what a pool leaves out of a load of
// its own.
void check_classes(const config::Node& root, const std::vector<Pool>& pools) {
  std::map<std::string, std::int64_t> servers;
  for (const Pool& pool : pools) {
    const workload::Workload& load = pool.scenario.workload;
    for (const std::string& name : load.left_out) servers.try_emplace(name, 0);
    if (!shares_load(root, pool.name)) continue;
    for (const workload::RequestClass& c : load.classes) ++servers[c.name()];
  }
  for (auto& [name, count] : servers) {
    if (count == 0)
      count = std::ranges::count_if(pools, [&name = name](const Pool& p) { return serves(p, name); });
    if (count == 1) continue;
    root.problem("pools",
                 fmt::format("class \"{}\" is served by {}", name,
                             count == 0 ? "no pool" : fmt::format("{} pools", count)),
                 "name it in the \"workload.only\" of one of them");
  }
}

void check_windows(const config::Node& root, const std::vector<Pool>& pools) {
  const scenario::Scenario& first = pools.front().scenario;
  for (const Pool& pool : pools) {
    const scenario::Scenario& s = pool.scenario;
    if (s.start == first.start && s.window == first.window && s.time_zone == first.time_zone) continue;
    root.problem("pools",
                 fmt::format("\"{}\" and \"{}\" are of different days", pools.front().name, pool.name),
                 "say \"start\", \"duration\" and \"time_zone\" beside \"pools\", for all of them");
  }
}

// A name is that of a folder of results too.
void check_name(const config::Node& root, const std::string& name) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  };
  if (std::ranges::all_of(name, plain)) return;
  root.problem("pools", fmt::format("the name of pool \"{}\" is that of a folder of its results too", name),
               "letters, digits, \"-\" and \"_\"");
}

}  // namespace

bool has_pools(const config::Document& document) {
  return document.root().given("pools");
}

Pools read(const config::Document& document) {
  Pools all;
  for (auto& [name, variant] : scenario::pool_documents(document)) {
    Pool& pool = all.pools.emplace_back(Pool{name, scenario::read(variant)});
    all.published = std::exchange(pool.scenario.published, {});
    all.published_source = pool.scenario.published_source;
    all.standalone += fmt::format("{}\"{}\": {}", all.standalone.empty() ? "{\"pools\": {\n" : ",\n", name,
                                  pool.scenario.standalone);
  }
  all.standalone += "}}\n";
  all.question = all.first().question;
  const config::Node root = document.root();
  root.ignore_rest();  // it was read pool by pool
  for (const Pool& pool : all.pools) check_name(root, pool.name);
  check_windows(root, all.pools);
  check_classes(root, all.pools);
  document.finish();
  return all;
}

}  // namespace tideline::pools
