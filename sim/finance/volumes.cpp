#include "sim/finance/volumes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/base/clock.h"
#include "sim/finance/split.h"
#include "sim/workload/day_curve.h"

namespace tideline::finance {
namespace {

using config::Node;

constexpr std::int64_t kNodesMax = 100'000;

std::int64_t read_tokens(const Node& node, std::string_view key, double off) {
  const double unit = is_rounded(node) ? node.quantity<Tokens>("rounded_to").value() : 0.0;
  const double tokens = std::max(node.quantity<Tokens>(key).value() + off * unit, 0.0);
  if (tokens <= 1e17) return std::llround(tokens);
  node.problem(key, "holds more than can be counted");
  return 0;
}

struct Class {
  std::string name;
  double share = 0;
};

std::vector<Class> read_classes(const Node& node) {
  if (!node.has("classes")) return {{"all", 1.0}};
  std::vector<Class> classes;
  double sum = 0.0;
  for (const Node& at : node.list("classes")) {
    classes.push_back({at.text("name"), at.fraction("share")});
    sum += classes.back().share;
    const auto same = [&](const Class& c) { return c.name == classes.back().name; };
    if (std::ranges::count_if(classes, same) > 1) at.problem("name", "a class before it has this name");
  }
  if (std::abs(sum - 1.0) <= 1e-6) return classes;
  node.problem("classes", fmt::format("the shares of the classes add up to {:.6g}, not to 1", sum));
  return {{"all", 1.0}};
}

// The load of each slot of the window, from the curve of a day.
std::vector<std::int64_t> slot_weights(const Ledger& ledger, const workload::DayCurve& curve) {
  constexpr std::int64_t kMinutesPerCurveSlot = kMinutesPerDay / workload::kSlotsPerDay;
  std::vector<double> shares;
  for (std::size_t s = 0; s < ledger.slots(); ++s) {
    double sum = 0.0;
    for (std::int64_t m = 0; m < metrics::kSlotMinutes; m += kMinutesPerCurveSlot)
      sum += curve[static_cast<std::size_t>((ledger.minute_of(s) + m) / kMinutesPerCurveSlot)];
    shares.push_back(sum);
  }
  return weights_of(shares);
}

void fill(Ledger& ledger, std::int64_t metrics::TokenCounts::*meter, std::int64_t tokens,
          std::span<const std::int64_t> slots, std::span<const std::int64_t> classes) {
  const auto by_slot = split(tokens, slots);
  for (std::size_t s = 0; s < by_slot.size(); ++s) {
    const auto by_class = split(by_slot[s], classes);
    for (std::size_t c = 0; c < by_class.size(); ++c)
      ledger.tokens[s * classes.size() + c].*meter = by_class[c];
  }
}

std::int64_t read_nodes(const Node& at, std::string_view key) {
  const std::int64_t nodes = at.count(key);
  if (nodes > kNodesMax) at.problem(key, fmt::format("at most {} nodes", kNodesMax));
  return std::min(nodes, kNodesMax);
}

// The schedule of one local day, repeated over the window.
std::vector<Held> read_schedule(const Node& node, const Ledger& ledger) {
  std::vector<Held> day, held;
  for (const Node& at : node.list("nodes")) {
    const Instant from{at.clock("from") % kMinutesPerDay};
    if (std::ranges::find(day, from, &Held::from) != day.end())
      at.problem("from", fmt::format("another entry is from {} on, too", clock_text(from.ns)),
                 "one entry for each time of day");
    day.push_back({from, {read_nodes(at, "prefill")}, {read_nodes(at, "decode")}});
  }
  if (day.empty()) node.problem("nodes", "wants at least one entry: how many nodes serve from when");
  std::ranges::stable_sort(day, {}, [](const Held& h) { return h.from.ns; });
  const std::int64_t days = ledger.window.ns / (kMinutesPerDay * kNsPerMinute) + 2;
  for (std::int64_t d = -1; d < days; ++d)
    for (Held h : day) {
      h.from.ns = (h.from.ns + d * kMinutesPerDay - ledger.first_minute) * kNsPerMinute;
      held.push_back(h);
    }
  return held;
}

}  // namespace

bool is_rounded(const Node& node) {
  return node.has("rounded_to");
}

Ledger read_volumes(const Node& node, std::int64_t first_minute, const Totals& off) {
  constexpr auto kHoursMax = static_cast<double>(kWindowHoursMax);
  Seconds duration = node.quantity<Seconds>("duration", Seconds(24.0 * 3600.0));
  const double hours = duration.value() / 3600.0;
  if (hours < 1.0 || hours > kHoursMax || hours != std::floor(hours)) {
    node.problem("duration", fmt::format("wants whole hours, at most {:.0f}", kHoursMax));
    duration = Seconds(3600.0);
  }
  const std::vector<Class> classes = read_classes(node);
  std::vector<std::string> names;
  std::vector<double> shares;
  for (const Class& c : classes) names.push_back(c.name), shares.push_back(c.share);
  Ledger ledger =
      empty_ledger(std::move(names), to_duration(duration), first_minute, node.positive("gpus_per_node", 8));

  const std::int64_t input = read_tokens(node, "input_tokens", off.input);
  const std::int64_t cached = read_tokens(node, "cached_input_tokens", off.cached_input);
  const std::int64_t output = read_tokens(node, "output_tokens", off.output);
  if (cached > input)
    node.problem("cached_input_tokens", "is more than \"input_tokens\", of which it is a part");
  const auto slots = slot_weights(ledger, workload::read_day_curve(node));
  const auto of_class = weights_of(shares);
  fill(ledger, &metrics::TokenCounts::input_hit, std::min(cached, input), slots, of_class);
  fill(ledger, &metrics::TokenCounts::input_miss, std::max<std::int64_t>(input - cached, 0), slots, of_class);
  fill(ledger, &metrics::TokenCounts::output, output, slots, of_class);
  add_nodes(ledger, read_schedule(node, ledger));
  return ledger;
}

}  // namespace tideline::finance
