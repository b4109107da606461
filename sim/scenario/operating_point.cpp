#include "sim/scenario/operating_point.h"

#include <algorithm>
#include <cmath>

#include "sim/scenario/halving.h"

namespace tideline::scenario {
namespace {

step::Unit with_host(step::Unit unit, std::optional<Seconds> host) {
  if (host) unit.host_gap = *host;
  return unit;
}

}  // namespace

OperatingPoint::OperatingPoint(const Result& r, const kernels::KernelModel& kernels)
    : prefill_(r.scenario.fleet.prefill.unit),
      decode_(r.scenario.fleet.decode.unit),
      mean_(mean_request(r.scenario)),
      requests_(r.decode_requests_per_gpu),
      tokens_(r.prefill_budget_fill * static_cast<double>(r.scenario.fleet.prefill.tokens_per_gpu)),
      requests_max_(decode_.kv_capacity_tokens(r.scenario.fleet.decode.memory_reserve) /
                    std::max(mean_.kv, 1.0)),
      tokens_max_(std::min(static_cast<double>(r.scenario.fleet.prefill.tokens_per_gpu),
                           tokens_ / std::clamp(r.prefill_work_fill, 1e-3, 1.0))) {
  const step::StepModel decode = decode_model(kernels), prefill = prefill_model(kernels);
  root_more_ = last(std::sqrt(requests_), [&](double more) {
    root_more_ = more;
    return decode.decode(decode_load(requests_)).total().value() < r.decode_step_s;
  });
  tokens_busiest_ = last(static_cast<double>(r.scenario.fleet.prefill.tokens_per_gpu), [&](double busiest) {
    tokens_busiest_ = busiest;
    return prefill.prefill(prefill_load(tokens_)).total().value() < r.prefill_pass_s;
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
  const double busiest = mean + root_more_ * std::sqrt(mean);
  return {.requests_mean = mean, .requests_busiest = busiest, .kv_busiest = busiest * mean_.kv};
}

step::PrefillLoad OperatingPoint::prefill_load(double mean) const {
  const double busiest = std::max(mean, tokens_busiest_), prompts = busiest / std::max(mean_.computed, 1.0);
  return {.tokens_mean = mean,
          .tokens_busiest = busiest,
          .pairs_busiest = prompts * mean_.pairs,
          .context_busiest = prompts * mean_.input};
}

}  // namespace tideline::scenario
