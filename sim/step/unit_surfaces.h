// The surfaces of a unit: the composition of its stages, corrected by what the simulation makes of it under
// drawn expert loads, with the spread of a step over the luck of its tokens. Read from the store where they
// were made before.
//
// Cost: three seconds for a decode unit of 144 GPUs, two and a half for prefill on 32 (tools/bench).
// Error: tests/twin.
#pragma once

#include <cstdint>

#include "sim/step/surface.h"
#include "sim/step/surface_store.h"
#include "sim/step/unit.h"

namespace tideline::step {

// Up to `kv_max` cached tokens on a rank. `seed`: of the popularity of experts.
DecodeSurface decode_surface(const Unit& unit, double kv_max, std::uint64_t seed, const SurfaceStore& store);
// Up to `tokens_max` tokens on a GPU, in prompts of up to `context_max`.
PrefillSurface prefill_surface(const Unit& unit, double tokens_max, double context_max, std::uint64_t seed,
                               const SurfaceStore& store);

}  // namespace tideline::step
