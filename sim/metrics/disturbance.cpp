#include "sim/metrics/disturbance.h"

#include <algorithm>

namespace tideline::metrics {
namespace {

constexpr std::size_t kBefore = 10, kTogether = 5;  // minutes
constexpr double kBack = 1.1;                       // of what was before

using Minutes = std::span<const Minute>;

double first_token_s(Minutes minutes) {
  const Minute m = together(minutes);
  const auto arrivals = static_cast<double>(m.arrivals);
  const double seconds = 60.0 * static_cast<double>(minutes.size());
  return arrivals > 0.0 ? (m.prefill_waiting + m.prefill_computing) * seconds / arrivals : 0.0;
}

double token_s(Minutes minutes) {
  const Minute m = together(minutes);
  const double seconds = 60.0 * static_cast<double>(minutes.size());
  const double answers = m.on_ranks + m.decode_waiting + m.decode_moving;
  return m.output_tokens > 0.0 ? answers * seconds / m.output_tokens : 0.0;
}

Disturbance::Felt felt(Minutes minutes, std::size_t lost, std::size_t whole, double (*time)(Minutes)) {
  Disturbance::Felt felt;
  felt.before = time(minutes.subspan(lost - kBefore, kBefore));
  const auto in_series = [&](std::size_t i) { return i + kTogether <= minutes.size(); };
  const auto calm = [&](std::size_t i) {
    return in_series(i) && time(minutes.subspan(i, kTogether)) <= kBack * felt.before;
  };
  std::size_t back = lost;
  for (std::size_t i = lost; i < whole && in_series(i); ++i)
    if (!calm(i)) back = i + 1;
  while (back < minutes.size() && !calm(back)) ++back;
  for (std::size_t i = lost; i < back; ++i)
    if (const double now = time(minutes.subspan(i, 1)); now > felt.worst) felt.worst = now, felt.worst_at = i;
  if (back < minutes.size()) felt.back = back;
  return felt;
}

bool down(const Minute& m) {
  return m.prefill_units.down + m.decode_units.down > 0.0;
}

}  // namespace

std::vector<Disturbance> disturbances(Minutes minutes) {
  std::vector<Disturbance> out;
  for (std::size_t i = 0; i < minutes.size();) {
    const auto lost = std::find_if(minutes.begin() + static_cast<std::ptrdiff_t>(i), minutes.end(), down);
    if (lost == minutes.end()) break;
    const auto whole = std::find_if_not(lost, minutes.end(), down);
    const auto number = static_cast<std::size_t>(lost - minutes.begin());
    i = static_cast<std::size_t>(whole - minutes.begin());
    if (number < kBefore) continue;
    Disturbance d{.lost = number,
                  .whole = {},
                  .first_token = felt(minutes, number, i, first_token_s),
                  .token = felt(minutes, number, i, token_s)};
    if (whole != minutes.end()) d.whole = i;
    out.push_back(d);
  }
  return out;
}

}  // namespace tideline::metrics
