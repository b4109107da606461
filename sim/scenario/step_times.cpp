#include "sim/scenario/step_times.h"

#include "sim/step/unit_surfaces.h"

namespace tideline::scenario {

step::PrefillSurface prefill_surface(const Scenario& s) {
  const fleet::PrefillSettings& prefill = s.fleet.prefill;
  return step::prefill_surface(prefill.unit, static_cast<double>(prefill.tokens_per_gpu),
                               static_cast<double>(s.llm.context_max), s.seed, step::SurfaceStore::of_user());
}

step::DecodeSurface decode_surface(const Scenario& s) {
  const fleet::DecodeSettings& decode = s.fleet.decode;
  return step::decode_surface(decode.unit, decode.unit.kv_capacity_tokens(decode.memory_reserve), s.seed,
                              step::SurfaceStore::of_user());
}

step::SurfaceTimes step_times(const Scenario& s, std::uint32_t replication) {
  return {prefill_surface(s), decode_surface(s), s.seed, replication};
}

}  // namespace tideline::scenario
