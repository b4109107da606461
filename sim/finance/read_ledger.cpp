// A ledger as a run wrote it: columns of whole numbers.
#include <fmt/format.h>

#include "sim/finance/ledger.h"

namespace tideline::finance {
namespace {

using config::Node;

constexpr std::array kMeters = {std::pair{"requests", &metrics::TokenCounts::requests},
                                std::pair{"input_hit", &metrics::TokenCounts::input_hit},
                                std::pair{"input_miss", &metrics::TokenCounts::input_miss},
                                std::pair{"output", &metrics::TokenCounts::output}};

constexpr std::int64_t kEachMax = 100'000'000'000'000'000;
constexpr double kSumMax = 1e18;  // what the books can add up

std::vector<std::int64_t> read_column(const Node& node, std::string_view key, std::size_t length) {
  std::vector<std::int64_t> column = node.counts(key);
  if (column.size() != length)
    node.problem(key, fmt::format("wants {} whole numbers, found {}", length, column.size()));
  column.resize(length);
  double sum = 0.0;
  for (std::int64_t& n : column) {
    sum += static_cast<double>(n);
    if (n <= kEachMax && sum <= kSumMax) continue;
    node.problem(key, "holds more than can be counted");
    n = 0;
  }
  return column;
}

void read_states(const Node& node, std::string_view stage, Ledger& ledger, ByState HourNodes::*nodes) {
  const Node at = node.object(stage);
  for (std::size_t s = 0; s < kNodeStates; ++s) {
    if (!at.has(kNodeStateNames[s])) continue;  // no node was ever in it
    const auto column = read_column(at, kNodeStateNames[s], ledger.hours.size());
    for (std::size_t h = 0; h < ledger.hours.size(); ++h) (ledger.hours[h].*nodes)[s] = column[h];
  }
}

}  // namespace

Ledger read_ledger(const Node& node) {
  const Node tokens = node.object("tokens");
  Duration window = node.duration("duration");
  if (window.ns <= 0 || window > kWindowMax) {
    node.problem("duration",
                 fmt::format("wants a window of more than nothing and at most {} h", kWindowHoursMax));
    window = {kNsPerHour};
  }
  if (node.positive("slot_minutes") != metrics::kSlotMinutes)
    node.problem("slot_minutes", fmt::format("slots are of {} minutes", metrics::kSlotMinutes));
  Ledger ledger =
      empty_ledger(tokens.keys(), window, node.clock("local_start"), node.positive("gpus_per_node"));
  if (ledger.classes.empty()) node.problem("tokens", "wants at least one class of requests");
  for (std::size_t c = 0; c < ledger.classes.size(); ++c) {
    const Node of_class = tokens.object(ledger.classes[c]);
    for (const auto& [key, meter] : kMeters) {
      const auto column = read_column(of_class, key, ledger.slots());
      for (std::size_t s = 0; s < column.size(); ++s)
        ledger.tokens[s * ledger.classes.size() + c].*meter = column[s];
    }
  }
  const Node nodes = node.object("node_ns");
  read_states(nodes, "prefill", ledger, &HourNodes::prefill_ns);
  read_states(nodes, "decode", ledger, &HourNodes::decode_ns);
  const auto peaks = read_column(node, "nodes_peak", ledger.hours.size());
  for (std::size_t h = 0; h < peaks.size(); ++h) ledger.hours[h].peak = peaks[h];
  ledger.saturated = node.flag("saturated", false);
  return ledger;
}

}  // namespace tideline::finance
