#include "sim/scenario/step_times.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "sim/base/memo.h"
#include "sim/parallel/for_each_index.h"
#include "sim/step/unit_content.h"
#include "sim/step/unit_surfaces.h"

namespace tideline::scenario {
namespace {

// Of each kind, in memory: some 250 kB a surface.
constexpr std::size_t kSurfacesMax = 64;

}  // namespace

step::PrefillSurface prefill_surface(const Scenario& s) {
  static Memo<step::PrefillSurface> known(kSurfacesMax);
  const fleet::PrefillSettings& prefill = s.fleet.prefill;
  const auto tokens = static_cast<double>(prefill.tokens_per_gpu);
  const auto context = static_cast<double>(s.llm.context_max);
  return *known.get(fmt::format("{} {} {}\n{}", tokens, context, s.seed, step::fields_of(prefill.unit)), [&] {
    return step::prefill_surface(prefill.unit, tokens, context, s.seed, step::SurfaceStore::of_user());
  });
}

step::DecodeSurface decode_surface(const Scenario& s) {
  static Memo<step::DecodeSurface> known(kSurfacesMax);
  const fleet::DecodeSettings& decode = s.fleet.decode;
  const double kv = decode.unit.kv_capacity_tokens(decode.memory_reserve);
  return *known.get(fmt::format("{} {}\n{}", kv, s.seed, step::fields_of(decode.unit)), [&] {
    return step::decode_surface(decode.unit, kv, s.seed, step::SurfaceStore::of_user());
  });
}

Surfaces surfaces(const Scenario& s, int threads) {
  std::optional<step::PrefillSurface> prefill;
  std::optional<step::DecodeSurface> decode;
  parallel::for_each_index(2, threads, [&](std::size_t n) {
    if (n == 0)
      decode = decode_surface(s);
    else
      prefill = prefill_surface(s);
  });
  return {std::move(*prefill), std::move(*decode)};
}

step::SurfaceTimes step_times(const Scenario& s, std::uint32_t replication, int threads) {
  auto [prefill, decode] = surfaces(s, threads);
  return {std::move(prefill), std::move(decode), s.seed, replication};
}

}  // namespace tideline::scenario
