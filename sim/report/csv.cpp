#include <fmt/format.h>

#include <array>
#include <string_view>

#include "sim/report/numbers.h"
#include "sim/report/report.h"

namespace tideline::report {
namespace {

constexpr std::array kSummaries = {std::pair{"queue", &scenario::Service::queue_s},
                                   std::pair{"ttft", &scenario::Service::ttft_s},
                                   std::pair{"decode_wait", &scenario::Service::decode_wait_s},
                                   std::pair{"tpot", &scenario::Service::tpot_s},
                                   std::pair{"itl", &scenario::Service::itl_s},
                                   std::pair{"e2e", &scenario::Service::e2e_s}};

}  // namespace

std::string hourly_csv(const scenario::Result& r) {
  std::string out =
      "local_hour,requests,input_hit_tokens,input_miss_tokens,output_tokens,nodes_prefill,nodes_decode,"
      "revenue_usd,cost_usd,output_speed_tok_s_user,offered_requests,rejected_requests,unfinished_requests,"
      "preemptions,retries";
  for (const auto& [name, summary] : kSummaries)
    for (const metrics::SummaryFigure& f : metrics::kSummaryFigures)
      out += fmt::format(",{}_{}_s", name, f.name);
  const bool slos = r.scenario.slos.has_value();
  out += slos ? ",slo_attained,goodput_requests_s,goodput_output_tok_s\n" : "\n";
  for (const scenario::HourResult& h : r.hours) {
    const scenario::Service& s = h.service;
    out += fmt::format("{:02},{},{},{},{},{},{},{:.6f},{:.6f},{},{},{},{},{},{}", h.local_hour,
                       s.tokens.requests, s.tokens.input_hit, s.tokens.input_miss, s.tokens.output,
                       h.nodes_prefill, h.nodes_decode, h.money.revenue.total().usd(),
                       h.money.cost.total().usd(), csv_number(s.output_speed()), s.slo.offered,
                       s.set_backs.rejected, s.unfinished(), s.set_backs.preempted, s.set_backs.retried);
    for (const auto& [name, summary] : kSummaries)
      for (const metrics::SummaryFigure& f : metrics::kSummaryFigures)
        out += "," + csv_number((s.*summary).at(f.value));
    if (slos) out += fmt::format(",{},{},{}", s.slo.share(), s.goodput_requests_s, s.goodput_output_tok_s);
    out += "\n";
  }
  return out;
}

std::string summary_csv(const scenario::Result& r) {
  std::string out = "key,value,published_low,published_high\n";
  for (const scenario::Figure& f : r.figures) {
    const Comparison c = compare(r.scenario.published, f);
    const std::string value = csv_number(f.value);
    out += c.published ? fmt::format("{},{},{},{}\n", f.key, value, c.low, c.high)
                       : fmt::format("{},{},,\n", f.key, value);
  }
  return out;
}

}  // namespace tideline::report
