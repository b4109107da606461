// Several scenarios that share a day: pools of units, each with its own model, its own part of the load and
// its own policies. They meet in the nodes that are held and in the books; nothing else passes between them.
//
// "pools" of a scenario names them: each is the rest of the file with what it says itself on top. A pool
// serves the classes that its "workload.only" names; every class is served by one.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/config/node.h"
#include "sim/finance/statement.h"
#include "sim/scenario/result.h"

namespace tideline::pools {

struct Pool {
  std::string name;
  scenario::Scenario scenario;
};

struct Pools {
  std::string question;
  std::vector<Pool> pools;                               // in the order of the file
  std::map<std::string, scenario::Published> published;  // of all together, by summary key
  std::string published_source;
  std::string standalone;  // canonical text, defaults written back, names of files absolute

  [[nodiscard]] const scenario::Scenario& first() const { return pools.front().scenario; }
};

// "pools": null takes away those of the file that it extends.
bool has_pools(const config::Document& document);

// REQUIRES: the document has pools. Fails: throws InputError with the mistakes of the first pool that has
// some, and where pools are of different windows, or a class is served by none or by two.
Pools read(const config::Document& document);

struct PooledHour {
  int local_hour = 0;
  double nodes_prefill = 0, nodes_decode = 0;  // mean
  finance::HourStatement money;                // its peak: of nodes held at once by all
};

struct PooledResult {
  Pools pools;
  std::vector<scenario::Result> results;  // of each
  // Of all together: the headlines that add up. How fast a service is, each says for itself.
  std::vector<scenario::Figure> figures;
  std::vector<PooledHour> hours;

  [[nodiscard]] bool saturated() const;
  [[nodiscard]] bool slo_holds() const;
};

struct RunOptions {
  int threads = 1;  // pools side by side; the result is the same bytes
  // Called about once a simulated minute of a pool, from any thread.
  std::function<void(std::size_t pool, Instant, std::uint64_t requests)> progress{};
};

PooledResult run(const Pools& pools, const RunOptions& options = {});

}  // namespace tideline::pools
