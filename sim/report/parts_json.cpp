#include "sim/report/parts_json.h"

namespace tideline::report {

using Json = nlohmann::ordered_json;

Json tokens_json(const metrics::TokenCounts& t) {
  Json out;
  for (const finance::Meter& m : finance::kMeters) out[std::string(m.name)] = t.*m.tokens;
  return out;
}

Json revenue_json(const finance::Revenue& r) {
  Json out;
  for (const finance::Meter& m : finance::kMeters) out[std::string(m.name)] = (r.*m.amount).usd();
  out["total"] = r.total().usd();
  return out;
}

}  // namespace tideline::report
