#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "sim/report/numbers.h"
#include "sim/report/pools_report.h"
#include "sim/report/report.h"

namespace tideline::report {
namespace {

using pools::PooledResult;
using scenario::Figure;
using scenario::Result;

// A line: what it is, and a column for each pool.
template <class Cell>
std::string line(const PooledResult& r, std::string_view label, Cell cell) {
  std::string out = fmt::format("  {:<32}", label);
  for (const Result& one : r.results) out += fmt::format("{:>15}", cell(one));
  return out;
}

std::string heading(const PooledResult& r) {
  std::string out = fmt::format("  {:<32}", "");
  for (const pools::Pool& pool : r.pools.pools) out += fmt::format("{:>15}", pool.name);
  out += fmt::format("{:>15}", "together");
  return out + (r.pools.published.empty() ? "\n" : fmt::format("{:>14}\n", "published"));
}

std::string published(const PooledResult& r, const Figure& f) {
  const Comparison c = compare(r.pools.published, f);
  if (!c.published) return "";
  return fmt::format("{:>14}{}", shown(f, c.low),
                     c.relative ? fmt::format("{:>+9.2f} %", *c.relative * 100.0) : "");
}

std::string headlines(const PooledResult& r) {
  std::string out;
  for (const Figure& f : scenario::summary_figures()) {
    out +=
        line(r, fmt::format("{}{}{}", f.label, f.unit.empty() ? "" : ", ", f.unit), [&](const Result& one) {
          return shown(f, scenario::value_of(one.figures, f.key));
        });
    const auto all = std::ranges::find(r.figures, f.key, &Figure::key);
    if (all != r.figures.end()) out += fmt::format("{:>15}{}", shown(f, all->value), published(r, *all));
    out += "\n";
  }
  return out;
}

std::string service(const PooledResult& r) {
  using metrics::Summary;
  const auto latency = [&](const char* label, Summary scenario::Service::*of, double Summary::*figure,
                           int decimals, double scale) {
    const auto cell = [&](const Result& one) { return fixed((one.whole.*of).at(figure), decimals, scale); };
    return line(r, label, cell) + "\n";
  };
  using scenario::Service;
  std::string out = latency("TTFT p50, s", &Service::ttft_s, &Summary::p50, 2, 1.0) +
                    latency("TTFT p99, s", &Service::ttft_s, &Summary::p99, 2, 1.0) +
                    latency("TPOT p50, ms", &Service::tpot_s, &Summary::p50, 1, 1e3) +
                    latency("TPOT p99, ms", &Service::tpot_s, &Summary::p99, 1, 1e3);
  if (std::ranges::none_of(r.results, [](const Result& one) { return one.scenario.slos.has_value(); }))
    return out;
  return out +
         line(r, "keeps its SLO",
              [](const Result& one) {
                return one.scenario.slos ? share(one.whole.slo.share()) : std::string("-");
              }) +
         "\n";
}

std::string verdict(const PooledResult& r) {
  std::string out;
  for (std::size_t i = 0; i < r.results.size(); ++i) {
    const std::string& name = r.pools.pools[i].name;
    if (r.results[i].saturated())
      out += fmt::format("saturated: the units of \"{}\" are too few for its load\n", name);
    else if (!r.results[i].slo_holds())
      out += fmt::format("\"{}\" misses its SLO\n", name);
  }
  if (!out.empty()) return out;
  return fmt::format("every pool keeps up; {}, {}\n",
                     cost_profit_ratio_text(scenario::value_of(r.figures, "cost_profit_ratio")),
                     gross_margin_text(scenario::value_of(r.figures, "gross_margin")));
}

std::string traces_over(const PooledResult& r) {
  std::string out;
  for (std::size_t i = 0; i < r.results.size(); ++i)
    if (const std::string over = trace_over_text(r.results[i].scenario); !over.empty())
      out += fmt::format("\"{}\": {}", r.pools.pools[i].name, over);
  return out;
}

}  // namespace

std::string pools_text(const PooledResult& r) {
  return r.pools.question + "\n\n" + heading(r) + headlines(r) + service(r) + "\n" + verdict(r) +
         traces_over(r);
}

}  // namespace tideline::report
