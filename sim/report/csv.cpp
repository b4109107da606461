#include <fmt/format.h>

#include "sim/report/report.h"

namespace tideline::report {

std::string hourly_csv(const scenario::Result& r) {
  std::string out =
      "local_hour,requests,input_hit_tokens,input_miss_tokens,output_tokens,nodes_prefill,nodes_decode,"
      "revenue_usd,cost_usd,ttft_mean_s,ttft_p99_s,tpot_mean_s,tpot_p99_s,output_speed_tok_s_user\n";
  for (const scenario::HourResult& h : r.hours)
    out +=
        fmt::format("{:02},{},{},{},{},{},{},{:.6f},{:.6f},{},{},{},{},{}\n", h.local_hour, h.tokens.requests,
                    h.tokens.input_hit, h.tokens.input_miss, h.tokens.output, h.nodes_prefill, h.nodes_decode,
                    h.money.revenue.total().usd(), h.money.cost.total().usd(), h.ttft_s.mean, h.ttft_s.p99,
                    h.tpot_s.mean, h.tpot_s.p99, h.output_speed_tok_s_user);
  return out;
}

std::string summary_csv(const scenario::Result& r) {
  std::string out = "key,value,published_low,published_high\n";
  for (const scenario::Figure& f : r.figures) {
    const Comparison c = compare(r, f);
    out += c.published ? fmt::format("{},{},{},{}\n", f.key, f.value, c.low, c.high)
                       : fmt::format("{},{},,\n", f.key, f.value);
  }
  return out;
}

}  // namespace tideline::report
