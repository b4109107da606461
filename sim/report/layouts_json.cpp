#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/base/csv.h"
#include "sim/report/layouts_report.h"
#include "sim/report/parts_json.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;

Json layout_json(const layouts::Candidate& c) {
  return {{"name", c.name()},
          {"of_scenario", c.of_scenario},
          {"node", c.node},
          {"nodes", c.nodes},
          {"redundant_experts", c.redundant_experts},
          {"overlap", c.overlap},
          {"set", c.overrides}};
}

Json batch_json(const layouts::Batch& b) {
  return {{"requests_per_gpu", b.requests},
          {"step_s", b.step_s},
          {"tok_s_user", b.speed},
          {"tok_s_gpu", b.per_gpu}};
}

Json parts_json(const layouts::Parts& p) {
  return {{"attention", p.attention},
          {"experts", p.experts},
          {"exchange_exposed", p.exchange},
          {"other", p.other}};
}

}  // namespace

std::string layouts_json(const layouts::Comparison& c) {
  Json out{{"question", c.scenario.question},
           {"output_speed_tok_s_user", c.scenario.layouts->output_speed},
           {"ttft_mean_s", c.scenario.layouts->ttft_s}};
  const std::string missing = c.missing();
  out["missing"] = missing.empty() ? Json() : Json(missing);
  out["decode"] = Json::array();
  for (const auto& r : c.decode) {
    Json row = layout_json(r.layout);
    row["draft_tokens"] = r.layout.draft_tokens;
    row["allowed"] = r.allowed;
    row["why"] = r.why;
    if (r.allowed) {
      row["usd_per_mtok_output"] = or_null(r.usd_per_mtok);
      row["usd_per_mtok_output_decode_alone"] = r.value.usd_per_mtok;
      row["prefill_gpus_per_decode_gpu"] = or_null(r.prefill_gpus);
      row["behind_front"] = r.behind_front;
      row["at"] = batch_json(r.value.at);
      row["requests_that_fit"] = r.value.fits;
      row["layer_shares"] = parts_json(r.value.parts);
    }
    row["curve"] = Json::array();
    for (const auto& b : r.value.curve) row["curve"].push_back(batch_json(b));
    out["decode"].push_back(row);
  }
  out["prefill"] = Json::array();
  for (const auto& r : c.prefill) {
    Json row = layout_json(r.layout);
    row["tokens_per_gpu"] = r.layout.tokens_per_gpu;
    row["allowed"] = r.allowed;
    row["why"] = r.why;
    if (r.layout.refused.empty()) {
      row["usd_per_mtok_miss"] = r.value.usd_per_mtok;
      row["tok_s_gpu"] = r.value.per_gpu;
      row["pass_s"] = r.value.pass_s;
      row["ttft_mean_s"] = r.value.ttft_s;
      row["layer_shares"] = parts_json(r.value.parts);
    }
    out["prefill"].push_back(row);
  }
  out["front"] = Json::array();
  for (const auto& p : c.front) {
    Json point = batch_json(p.batch);
    point["layout"] = c.decode[p.row].layout.name();
    out["front"].push_back(point);
  }
  return out.dump(2) + "\n";
}

std::string layouts_csv(const layouts::Comparison& c) {
  std::string out =
      "phase,layout,node,nodes,redundant_experts,overlap,draft_tokens,tokens_per_gpu,allowed,"
      "usd_per_mtok,requests_per_gpu,tok_s_user,tok_s_gpu,ttft_mean_s,behind_front,why\n";
  const auto layout = [&](const layouts::Candidate& l) {
    return fmt::format("{},{},{},{},{},{},{}", csv_field(l.name()), csv_field(l.node), l.nodes,
                       l.redundant_experts, l.overlap, l.draft_tokens, l.tokens_per_gpu);
  };
  for (const auto& r : c.decode) {
    out += "decode," + layout(r.layout) + (r.allowed ? ",1," : ",0,");
    const std::string usd = r.usd_per_mtok ? fmt::format("{:.6g}", *r.usd_per_mtok) : "";
    out += r.allowed ? fmt::format("{},{:.0f},{:.6g},{:.6g},,{:.4f},", usd, r.value.at.requests,
                                   r.value.at.speed, r.value.at.per_gpu, r.behind_front)
                     : std::string(",,,,,,");
    out += csv_field(r.why) + "\n";
  }
  for (const auto& r : c.prefill) {
    out += "prefill," + layout(r.layout) + (r.allowed ? ",1," : ",0,");
    out += r.layout.refused.empty() ? fmt::format("{:.6g},,,{:.6g},{:.6g},,", r.value.usd_per_mtok,
                                                  r.value.per_gpu, r.value.ttft_s)
                                    : std::string(",,,,,,");
    out += csv_field(r.why) + "\n";
  }
  return out;
}

}  // namespace tideline::report
