#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/report/numbers.h"
#include "sim/report/pools_report.h"
#include "sim/report/report.h"
#include "sim/report/result_sections.h"

namespace tideline::report {

using Json = nlohmann::ordered_json;
using pools::PooledHour;
using pools::PooledResult;

std::string pools_json(const PooledResult& r) {
  const scenario::Scenario& first = r.pools.first();
  Json together, hours = Json::array(), results;
  for (const scenario::Figure& f : r.figures) together[std::string(f.key)] = figure_json(f);
  for (const PooledHour& h : r.hours)
    hours.push_back({{"local_hour", h.local_hour},
                     {"requests", h.money.tokens.requests},
                     {"input_hit_tokens", h.money.tokens.input_hit},
                     {"input_miss_tokens", h.money.tokens.input_miss},
                     {"output_tokens", h.money.tokens.output},
                     {"nodes_prefill", h.nodes_prefill},
                     {"nodes_decode", h.nodes_decode},
                     {"nodes_peak", h.money.peak_nodes},
                     {"revenue_usd", h.money.revenue.total().usd()},
                     {"cost_usd", h.money.cost.total().usd()}});
  for (std::size_t i = 0; i < r.results.size(); ++i)
    results[r.pools.pools[i].name] = Json::parse(json(r.results[i]));
  return Json{{"question", r.pools.question},
              {"start", first.start},
              {"time_zone", first.time_zone},
              {"together", together},
              {"published", published_json(r.pools.published, r.pools.published_source)},
              {"hours", hours},
              {"pools", results}}
             .dump(2) +
         "\n";
}

std::string pools_summary_csv(const PooledResult& r) {
  std::string out = "key,pool,value\n";
  for (const scenario::Figure& f : r.figures) out += fmt::format("{},,{}\n", f.key, csv_number(f.value));
  for (std::size_t i = 0; i < r.results.size(); ++i)
    for (const scenario::Figure& f : r.results[i].figures)
      out += fmt::format("{},{},{}\n", f.key, r.pools.pools[i].name, csv_number(f.value));
  return out;
}

std::string pools_hourly_csv(const PooledResult& r) {
  std::string out =
      "local_hour,requests,input_hit_tokens,input_miss_tokens,output_tokens,nodes_prefill,nodes_decode,"
      "nodes_peak,revenue_usd,cost_usd\n";
  for (const PooledHour& h : r.hours) {
    const metrics::TokenCounts& t = h.money.tokens;
    out += fmt::format("{:02},{},{},{},{},{},{},{},{:.6f},{:.6f}\n", h.local_hour, t.requests, t.input_hit,
                       t.input_miss, t.output, h.nodes_prefill, h.nodes_decode, h.money.peak_nodes,
                       h.money.revenue.total().usd(), h.money.cost.total().usd());
  }
  return out;
}

}  // namespace tideline::report
