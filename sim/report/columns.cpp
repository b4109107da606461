#include "sim/report/columns.h"

namespace tideline::report {

using metrics::Minute;

std::vector<Column> columns(const scenario::Result& r) {
  const auto gpus = static_cast<double>(r.scenario.fleet.decode.unit.gpus());
  const auto per_gpu = [gpus](const Minute& m) {
    const double units = m.decode_units.working();
    return units > 0.0 ? m.on_ranks / (units * gpus) : 0.0;
  };
  const auto& prefill = r.scenario.fleet.prefill;
  const auto pass_tokens = static_cast<double>(prefill.unit.gpus() * prefill.tokens_per_gpu);
  const auto count = [](auto member) {
    return [member](const Minute& m) { return static_cast<double>(m.*member); };
  };
  const auto set_backs = [](auto member) {
    return [member](const Minute& m) { return static_cast<double>(m.set_backs.*member); };
  };
  std::vector<Column> all = {
      {"arrivals", count(&Minute::arrivals)},
      {"finished", count(&Minute::finished)},
      {"input_hit_tokens", count(&Minute::input_hit_tokens)},
      {"input_miss_tokens", count(&Minute::input_miss_tokens)},
      {"output_tokens", count(&Minute::output_tokens)},
      {"prefill_waiting", count(&Minute::prefill_waiting)},
      {"prefill_computing", count(&Minute::prefill_computing)},
      {"decode_waiting", count(&Minute::decode_waiting)},
      {"decode_moving", count(&Minute::decode_moving)},
      {"on_ranks", count(&Minute::on_ranks)},
      {"requests_per_gpu", per_gpu},
      {"requests_per_gpu_that_fit",  // at the cache that they hold on average
       [per_gpu](const Minute& m) { return m.kv_mean > 0.0 ? per_gpu(m) / m.kv_mean : 0.0; }},
      {"kv_mean", count(&Minute::kv_mean)},
      {"kv_fullest", count(&Minute::kv_fullest)},
      {"prefill_serving", [](const Minute& m) { return m.prefill_units.serving; }},
      {"prefill_starting", [](const Minute& m) { return m.prefill_units.starting; }},
      {"prefill_down", [](const Minute& m) { return m.prefill_units.down; }},
      {"prefill_draining", [](const Minute& m) { return m.prefill_units.draining; }},
      {"prefill_maintenance", [](const Minute& m) { return m.prefill_units.maintenance; }},
      {"decode_serving", [](const Minute& m) { return m.decode_units.serving; }},
      {"decode_starting", [](const Minute& m) { return m.decode_units.starting; }},
      {"decode_down", [](const Minute& m) { return m.decode_units.down; }},
      {"decode_draining", [](const Minute& m) { return m.decode_units.draining; }},
      {"decode_maintenance", [](const Minute& m) { return m.decode_units.maintenance; }},
      {"prefill_passes", count(&Minute::prefill_passes)},
      {"prefill_budget_fill",
       [pass_tokens](const Minute& m) {
         return m.prefill_passes > 0
                    ? m.prefill_tokens / (static_cast<double>(m.prefill_passes) * pass_tokens)
                    : 0.0;
       }},
      {"prefill_busy", count(&Minute::prefill_busy)},
      {"decode_busy", count(&Minute::decode_busy)},
      {"rejected", set_backs(&metrics::SetBacks::rejected)},
      {"preempted", set_backs(&metrics::SetBacks::preempted)},
      {"retried", set_backs(&metrics::SetBacks::retried)},
  };
  if (r.scenario.workload.prefix_caching.has_memory())
    all.push_back({"input_memory_tokens", count(&Minute::input_memory_tokens)});
  if (r.scenario.slos) {
    all.push_back({"good", count(&Minute::good)});
    all.push_back({"good_output_tokens", count(&Minute::good_output_tokens)});
  }
  return all;
}

}  // namespace tideline::report
