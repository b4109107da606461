#include "sim/finance/terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/base/error.h"
#include "sim/config/choose.h"

namespace tideline::finance {
namespace {

using config::Node;

constexpr std::int64_t kNodesMax = 1'000'000;
constexpr Dollars kGpuHourMax(1e6);

// "2 USD/h" of a GPU, as that of a node.
Money read_rate(const Node& node, std::string_view key, std::optional<DollarsPerSecond> absent,
                std::int64_t gpus) {
  Dollars gpu_hour = node.quantity<DollarsPerSecond>(key, absent) * Seconds(3600.0);
  if (gpu_hour > kGpuHourMax) node.problem(key, "at most a million dollars an hour"), gpu_hour = Dollars(0.0);
  return times(to_money(gpu_hour), gpus, 1);
}

void read_nodes(const Node& node, Terms& terms) {
  const auto owned = node.optional_object("owned");
  if (owned && node.given("gpu_rate"))
    node.problem("gpu_rate", "nodes are leased or owned, and \"owned\" stands here too",
                 "\"gpu_rate\": null takes away what another file says");
  if (owned) {
    terms.node_hour = node_hour(read_owned(*owned));
    node.ignore("gpu_rate");
  } else {
    terms.node_hour.lease = read_rate(node, "gpu_rate", {}, terms.gpus_per_node);
  }
  terms.commitment = config::choose(node, "commitment", kCommitments, owned ? "round_the_clock" : "as_used");
  terms.committed_nodes = node.count("committed_nodes", 0);
  if (terms.committed_nodes > kNodesMax)
    node.problem("committed_nodes", fmt::format("at most {} nodes", kNodesMax)), terms.committed_nodes = 0;
  terms.freed_value = read_rate(node, "freed_value", DollarsPerSecond(0.0), terms.gpus_per_node);
  if (terms.commitment == Commitment::kRoundTheClock) return;
  if (terms.committed_nodes > 0)
    node.problem("committed_nodes", "nodes that are paid for as they are used are committed to nobody",
                 "\"commitment\": \"round_the_clock\"");
  if (terms.freed_value > Money{})
    node.problem("freed_value", "nodes that are paid for as they are used are given back: nothing is freed",
                 "\"commitment\": \"round_the_clock\"");
}

void read_classes(const Node& own, std::span<const std::string> classes, Channels& channels, Terms& terms) {
  const std::vector<std::string> known(classes.begin(), classes.end());
  own.keys_are_names();
  for (const std::string& name : own.keys()) {
    if (std::ranges::find(known, name) != known.end()) {
      terms.by_class[name] = channels.read(own.object(name), &terms.everyone);
      continue;
    }
    const std::string near = nearest(name, known);
    own.problem(
        name,
        fmt::format("no class of requests is called \"{}\": there are {}", name, fmt::join(known, ", ")),
        near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
    own.ignore(name);
  }
}

// Where all books are in dollars. A case, --set or another file may change to them, and leaves a rate behind.
void refuse_exchange_rate(const Node& node) {
  if (!node.has("usd_per_currency")) return;
  const std::string said_in = node.place("usd_per_currency").file;
  const auto changed_to = [&](const char* key) {
    if (!node.has(key)) return false;
    const std::string books_in = node.place(key).file;
    return books_in.starts_with("--set ") || (books_in != said_in && !said_in.starts_with("--set "));
  };
  const bool left_behind = std::ranges::any_of(std::array{"price_book", "mix", "classes"}, changed_to);
  if (!left_behind && !node.is_null("usd_per_currency"))
    node.problem("usd_per_currency", "key \"usd_per_currency\" has no effect here",
                 "every book is in dollars");
  node.ignore("usd_per_currency");
}

}  // namespace

const Channel& Terms::channel(const std::string& of_class) const {
  const auto found = by_class.find(of_class);
  return found == by_class.end() ? everyone : found->second;
}

CostItems Terms::freed_hour() const {
  CostItems items = node_hour;
  items.energy = {};
  return items;
}

Committed Terms::committed() const {
  if (commitment == Commitment::kAsUsed) return {};
  return {.nodes = static_cast<double>(committed_nodes), .peak = owned || committed_nodes == 0};
}

Money Terms::gpu_hour() const {
  return times(node_hour.total(), 1, gpus_per_node);
}

Terms read_terms(const Node& node, std::int64_t gpus_per_node, const std::string& time_zone,
                 std::span<const std::string> classes) {
  Terms terms;
  terms.gpus_per_node = gpus_per_node;
  terms.owned = node.given("owned");
  terms.rate_at = node.place(terms.owned ? "owned" : "gpu_rate");
  terms.committed_at = node.place("committed_nodes");
  terms.prices_at = node.place("price_book");
  read_nodes(node, terms);
  Channels channels(node, time_zone);
  terms.everyone = channels.read(node, nullptr);
  if (const auto own = node.optional_object("classes")) read_classes(*own, classes, channels, terms);
  if (const auto u = node.optional_object("uncertainty")) terms.uncertainty = read_uncertainty(*u, channels);
  if (!channels.converts()) refuse_exchange_rate(node);
  return terms;
}

}  // namespace tideline::finance
