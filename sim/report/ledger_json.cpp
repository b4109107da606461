#include "sim/report/ledger_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/clock.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;
using finance::Ledger;

Json column(const Ledger& ledger, std::size_t of_class, std::int64_t metrics::TokenCounts::*counter) {
  Json out = Json::array();
  for (std::size_t s = 0; s < ledger.slots(); ++s) out.push_back(ledger.at(s, of_class).*counter);
  return out;
}

// States that some node was in.
Json states(const Ledger& ledger, finance::ByState finance::HourNodes::*stage) {
  Json out = Json::object();
  for (std::size_t s = 0; s < finance::kNodeStates; ++s) {
    const auto in_state = [&](const finance::HourNodes& h) { return (h.*stage)[s]; };
    if (std::ranges::all_of(
            ledger.hours, [](std::int64_t ns) { return ns == 0; }, in_state))
      continue;
    Json& hours = out[std::string(finance::kNodeStateNames[s])];
    for (const finance::HourNodes& h : ledger.hours) hours.push_back(in_state(h));
  }
  return out;
}

}  // namespace

Json ledger_json(const Ledger& ledger) {
  Json out{{"local_start", clock_text(ledger.first_minute)},
           {"duration", fmt::format("{} s", to_seconds(ledger.window).value())},
           {"slot_minutes", metrics::kSlotMinutes},
           {"gpus_per_node", ledger.gpus_per_node}};
  for (std::size_t c = 0; c < ledger.classes.size(); ++c)
    out["tokens"][ledger.classes[c]] = {{"requests", column(ledger, c, &metrics::TokenCounts::requests)},
                                        {"input_hit", column(ledger, c, &metrics::TokenCounts::input_hit)},
                                        {"input_miss", column(ledger, c, &metrics::TokenCounts::input_miss)},
                                        {"output", column(ledger, c, &metrics::TokenCounts::output)}};
  out["node_ns"] = {{"prefill", states(ledger, &finance::HourNodes::prefill_ns)},
                    {"decode", states(ledger, &finance::HourNodes::decode_ns)}};
  for (const finance::HourNodes& h : ledger.hours) out["nodes_peak"].push_back(h.peak);
  out["saturated"] = ledger.saturated;
  return out;
}

}  // namespace tideline::report
