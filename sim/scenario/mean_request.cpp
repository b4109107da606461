#include "sim/scenario/mean_request.h"

#include <algorithm>
#include <vector>

namespace tideline::scenario {

MeanRequest mean_request(const Scenario& s) {
  constexpr std::size_t kSample = 16384;
  std::vector<workload::Arrival> arrivals(kSample);
  const auto source = workload::make_arrivals(s.workload, s.seed, s.replication, Instant{});
  arrivals.resize(source->read(arrivals));
  MeanRequest m;
  const auto n = static_cast<double>(std::max<std::size_t>(arrivals.size(), 1));
  double kv_tokens = 0.0, accepted = 0.0;
  for (const workload::Arrival& a : arrivals) {
    const double input = a.lengths.input, computed = input - a.lengths.cached, after = a.lengths.output - 1;
    const auto& of_class = s.workload.classes[a.request_class];
    m.input += input / n;
    m.computed += computed / n;
    m.pairs += computed * (a.lengths.cached + 0.5 * computed) / n;
    m.output += a.lengths.output / n;
    m.decoded += after / n;
    kv_tokens += after * (input + 0.5 * after) / n;
    accepted += after * of_class.draft_acceptance().value_or(s.fleet.decode.draft_acceptance) / n;
  }
  if (m.decoded > 0.0) m.kv = kv_tokens / m.decoded, m.acceptance = accepted / m.decoded;
  return m;
}

}  // namespace tideline::scenario
