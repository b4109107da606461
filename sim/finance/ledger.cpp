#include "sim/finance/ledger.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sim/base/clock.h"

namespace tideline::finance {
namespace {

std::int64_t& of(ByState& nodes, NodeState state) {
  return nodes[static_cast<std::size_t>(state)];
}

ByState nodes_of(const fleet::UnitsFrom& held, std::int64_t nodes_per_unit, std::int64_t spares) {
  const fleet::UnitCounts& units = held.units;
  ByState nodes{};
  of(nodes, NodeState::kServing) = units.serving * nodes_per_unit;
  of(nodes, NodeState::kStarting) = units.starting * nodes_per_unit;
  of(nodes, NodeState::kDraining) = units.draining * nodes_per_unit;
  of(nodes, NodeState::kDown) = units.down * nodes_per_unit + held.spares_used;
  of(nodes, NodeState::kMaintenance) = units.maintenance * nodes_per_unit;
  of(nodes, NodeState::kStandby) = spares - held.spares_used;
  return nodes;
}

void add(ByState& sums, const ByState& nodes, std::int64_t ns) {
  for (std::size_t s = 0; s < kNodeStates; ++s) sums[s] += nodes[s] * ns;
}

}  // namespace

std::int64_t total(const ByState& nodes) {
  return std::accumulate(nodes.begin(), nodes.end(), std::int64_t{0});
}

std::int64_t working(const ByState& nodes) {
  return nodes[static_cast<std::size_t>(NodeState::kServing)] +
         nodes[static_cast<std::size_t>(NodeState::kDraining)];
}

std::int64_t Ledger::minute_of(std::size_t slot) const {
  return (first_minute + static_cast<std::int64_t>(slot) * metrics::kSlotMinutes) % kMinutesPerDay;
}

Duration Ledger::length_of(std::size_t hour) const {
  return hour_length(window, hour);
}

metrics::TokenCounts Ledger::total_tokens() const {
  metrics::TokenCounts all;
  for (const metrics::TokenCounts& t : tokens) all += t;
  return all;
}

double Ledger::node_hours() const {
  double sum = 0.0;
  for (const HourNodes& h : hours) sum += to_hours(h.held_ns());
  return sum;
}

std::int64_t Ledger::peak_nodes() const {
  std::int64_t peak = 0;
  for (const HourNodes& h : hours) peak = std::max(peak, h.peak);
  return peak;
}

Ledger empty_ledger(std::vector<std::string> classes, Duration window, std::int64_t first_minute,
                    std::int64_t gpus_per_node) {
  Ledger ledger{.first_minute = first_minute, .window = window, .gpus_per_node = gpus_per_node};
  const auto parts = [&](std::int64_t of_ns) {
    return static_cast<std::size_t>((window.ns + of_ns - 1) / of_ns);
  };
  ledger.tokens.resize(parts(metrics::kSlotNs) * classes.size());
  ledger.hours.resize(parts(kNsPerHour));
  ledger.classes = std::move(classes);
  return ledger;
}

void add_nodes(Ledger& ledger, const std::vector<Held>& held) {
  for (std::size_t i = 0; i < held.size(); ++i) {
    const Held& h = held[i];
    std::int64_t from = std::max<std::int64_t>(h.from.ns, 0);
    const std::int64_t to =
        std::min(i + 1 < held.size() ? held[i + 1].from.ns : ledger.window.ns, ledger.window.ns);
    while (from < to) {
      HourNodes& hour = ledger.hours[static_cast<std::size_t>(from / kNsPerHour)];
      const std::int64_t until = std::min(to, (from / kNsPerHour + 1) * kNsPerHour);
      add(hour.prefill_ns, h.prefill, until - from);
      add(hour.decode_ns, h.decode, until - from);
      hour.peak = std::max(hour.peak, total(h.prefill) + total(h.decode));
      from = until;
    }
  }
}

std::vector<Held> held_nodes(const fleet::Fleet& fleet, const fleet::RunTotals& totals) {
  const auto& p = totals.prefill_units;
  const auto& d = totals.decode_units;
  std::vector<Held> held;
  Held now;
  for (std::size_t i = 0, j = 0; i < p.size() || j < d.size();) {
    const bool first = j == d.size() || (i < p.size() && p[i].from <= d[j].from);
    now.from = first ? p[i].from : d[j].from;
    if (first)
      now.prefill = nodes_of(p[i++], fleet.prefill.unit.nodes, fleet.prefill.availability.spares);
    else
      now.decode = nodes_of(d[j++], fleet.decode.unit.nodes, fleet.decode.availability.spares);
    if (!held.empty() && held.back().from == now.from) held.pop_back();
    held.push_back(now);
  }
  return held;
}

void record(Ledger& ledger, const metrics::Day& day, const fleet::Fleet& fleet,
            const fleet::RunTotals& totals) {
  ledger.tokens = day.slots();
  add_nodes(ledger, held_nodes(fleet, totals));
}

}  // namespace tideline::finance
