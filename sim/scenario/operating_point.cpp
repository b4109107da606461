#include "sim/scenario/operating_point.h"

#include <algorithm>
#include <cmath>

#include "sim/scenario/halving.h"
#include "sim/scenario/step_times.h"

namespace tideline::scenario {
namespace {

// On the busiest GPU the more by the root of the mean, in proportion to `root_more`.
step::DecodeLoad decode_at(double mean, double root_more, double kv) {
  const double busiest = mean + root_more * std::sqrt(mean);
  return {.requests_mean = mean, .requests_busiest = busiest, .kv_busiest = busiest * kv};
}

// On the busiest GPU `busiest` tokens, or the mean where that is more.
step::PrefillLoad prefill_at(double mean, double busiest, const MeanRequest& request) {
  const double tokens = std::max(mean, busiest), prompts = tokens / std::max(request.computed, 1.0);
  return {.tokens_mean = mean,
          .tokens_busiest = tokens,
          .pairs_busiest = prompts * request.pairs,
          .context_busiest = prompts * request.input};
}

step::Unit with_host(step::Unit unit, std::optional<Seconds> host) {
  if (host) unit.host_gap = *host;
  return unit;
}

}  // namespace

OperatingPoint::OperatingPoint(const Result& r)
    : prefill_(r.scenario.fleet.prefill.unit),
      decode_(r.scenario.fleet.decode.unit),
      mean_(mean_request(r.scenario)),
      requests_(r.decode_requests_per_gpu),
      tokens_(r.prefill_budget_fill * static_cast<double>(r.scenario.fleet.prefill.tokens_per_gpu)),
      requests_max_(decode_.kv_capacity_tokens(r.scenario.fleet.decode.memory_reserve) /
                    std::max(mean_.kv, 1.0)),
      tokens_max_(std::min(static_cast<double>(r.scenario.fleet.prefill.tokens_per_gpu),
                           r.prefill_work_fill > 0.0 ? tokens_ / r.prefill_work_fill : tokens_)) {
  const step::DecodeSurface decode = decode_surface(r.scenario);
  const step::PrefillSurface prefill = prefill_surface(r.scenario);
  // At most twice the mean, and a whole budget of tokens: what is more is in the factor of each hour.
  root_more_ = last(std::sqrt(requests_), [&](double more) {
    return decode(decode_at(requests_, more, mean_.kv)).value() < r.decode_step_s;
  });
  const auto budget = static_cast<double>(r.scenario.fleet.prefill.tokens_per_gpu);
  tokens_busiest_ = last(budget, [&](double busiest) {
    return prefill(prefill_at(tokens_, busiest, mean_)).value() < r.prefill_pass_s;
  });
}

step::StepModel OperatingPoint::decode_model(const kernels::KernelModel& kernels,
                                             const step::Stretch& stretch,
                                             std::optional<Seconds> host) const {
  return {with_host(decode_, host), kernels, stretch};
}

step::StepModel OperatingPoint::prefill_model(const kernels::KernelModel& kernels,
                                              const step::Stretch& stretch,
                                              std::optional<Seconds> host) const {
  return {with_host(prefill_, host), kernels, stretch};
}

step::DecodeLoad OperatingPoint::decode_load(double mean) const {
  return decode_at(mean, root_more_, mean_.kv);
}

step::PrefillLoad OperatingPoint::prefill_load(double mean) const {
  return prefill_at(mean, tokens_busiest_, mean_);
}

}  // namespace tideline::scenario
