#include <nlohmann/json.hpp>

#include "sim/report/ablation_report.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;

Json point_json(const scenario::AblationPoint& p) {
  Json out{{"output_speed_tok_s_user", p.output_speed_tok_s_user},
           {"speed_change", p.speed_change},
           {"tpot_p99_s", p.tpot_p99_s},
           {"ttft_mean_s", p.ttft_mean_s},
           {"decode_step_s", p.decode_step_s},
           {"decode_requests_per_gpu", p.decode_requests_per_gpu},
           {"prefill_pass_s", p.prefill_pass_s},
           {"saturated", !p.saturated.empty()}};
  if (!p.saturated.empty()) out["saturated_because"] = p.saturated;
  return out;
}

Json row_json(const scenario::Ablation& a, const scenario::AblationRow& row) {
  Json out{{"key", row.key}, {"label", row.label}, {"overrides", row.overrides}};
  if (!row.note.empty()) out["note"] = row.note;
  out["left_out"] = row.points.empty();
  for (std::size_t i = 0; i < row.points.size(); ++i) out[a.loads[i].name] = point_json(row.points[i]);
  return out;
}

Json crossing_json(const scenario::OverlapCrossing& c) {
  Json out{{"kv_tokens", c.kv_tokens}, {"points", Json::array()}};
  for (const auto& p : c.points)
    out["points"].push_back({{"requests_per_gpu", p.requests},
                             {"none_ms", p.none.value() * 1e3},
                             {"two_batch_ms", p.two_batch.value() * 1e3},
                             {"fits", p.fits}});
  out["two_batch_wins_from"] = c.wins_from > 0 ? Json(c.wins_from) : Json(nullptr);
  return out;
}

}  // namespace

std::string ablation_json(const scenario::Ablation& a) {
  Json out{{"question", a.scenario.question},
           {"seed", a.scenario.seed},
           {"window_s", to_seconds(a.options.window).value()},
           {"warm_up_s", to_seconds(a.options.warm_up).value()}};
  for (const auto& l : a.loads)
    out["loads"][l.name] = {{"start", l.start}, {"requests_per_s", l.requests_per_s}};
  out["rows"] = Json::array();
  for (const auto& row : a.rows) out["rows"].push_back(row_json(a, row));
  out["overlap"] = crossing_json(a.crossing);
  return out.dump(2) + "\n";
}

}  // namespace tideline::report
