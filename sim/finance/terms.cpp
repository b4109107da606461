#include "sim/finance/terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/error.h"
#include "sim/metrics/day.h"

namespace tideline::finance {
namespace {

using config::Node;

constexpr std::int64_t kNodesMax = 1'000'000;

Money per_hour(DollarsPerSecond rate, std::int64_t gpus) {
  const Money gpu_hour = to_money(rate * Seconds(3600.0));
  return times(gpu_hour, gpus, 1);
}

// Reads channels; all that is not US dollars is one currency, at one rate.
class Channels {
 public:
  Channels(const Node& money, const std::string& time_zone) : money_(money), time_zone_(time_zone) {}

  // `above`: what holds where this node says nothing; null: it must.
  Channel read(const Node& node, const Channel* above) {
    Channel channel = above ? *above : Channel{};
    channel.free_share = node.fraction("free_share", channel.free_share);
    if (!above || node.has("price_book") || node.has("mix")) channel.sold = read_sold(node, above);
    return channel;
  }

 private:
  std::vector<Sold> read_sold(const Node& node, const Channel* above) {
    std::vector<Sold> sold;
    if (!above || node.has("price_book"))
      sold.push_back(read_book(node));
    else
      sold.push_back(above->sold.front());
    sold.front().share = 1.0;
    if (!node.has("mix")) return sold;
    for (const Node& part : node.list("mix")) {
      sold.push_back(read_book(part));
      sold.back().share = part.fraction("share");
      sold.front().share -= sold.back().share;
    }
    if (sold.front().share < -1e-9) node.problem("mix", "the shares of other models add up to more than 1");
    sold.front().share = std::max(sold.front().share, 0.0);
    return sold;
  }

  Sold read_book(const Node& node) {
    Sold sold;
    sold.book = catalog::load_price_book(node, "price_book");
    sold.model = node.text("model", sold.book.name);
    if (!windows_fit_slots(sold.book))
      node.problem("price_book", "a window of this book does not begin and end at a quarter of an hour");
    if (!sold.book.windows.empty() && sold.book.time_zone != time_zone_)
      node.problem("price_book", fmt::format("this book has hours of {}, the scenario those of {}",
                                             sold.book.time_zone, time_zone_));
    if (sold.book.currency != "USD" && !sold.book.currency.empty())
      sold.usd_per_currency = exchange_rate(node, sold.book.currency);
    return sold;
  }

  double exchange_rate(const Node& node, const std::string& currency) {
    if (!currency_.empty()) {
      if (currency != currency_)
        node.problem("price_book",
                     fmt::format("this book is in {}, another in {}: one rate cannot serve both", currency,
                                 currency_));
      return rate_;
    }
    currency_ = currency;
    rate_ = money_.number("usd_per_currency");
    if (rate_ <= 0.0) money_.problem("usd_per_currency", "a currency is worth more than nothing");
    return rate_;
  }

  const Node& money_;
  const std::string& time_zone_;
  std::string currency_;
  double rate_ = 1.0;
};

void read_nodes(const Node& node, Terms& terms) {
  const auto owned = node.optional_object("owned");
  if (owned && node.has("gpu_rate"))
    node.problem("gpu_rate", "nodes are leased or owned, and \"owned\" stands here too");
  if (owned) {
    terms.node_hour = node_hour(read_owned(*owned));
    node.ignore("gpu_rate");
  } else {
    terms.node_hour.lease = per_hour(node.quantity<DollarsPerSecond>("gpu_rate"), terms.gpus_per_node);
  }
  std::array<std::string_view, kCommitments.size()> names{};
  std::ranges::transform(kCommitments, names.begin(), &CommitmentPolicy::name);
  const std::string chosen = node.choice("commitment", names, owned ? "round_the_clock" : "as_used");
  terms.commitment = std::ranges::find(kCommitments, chosen, &CommitmentPolicy::name)->kind;
  terms.committed_nodes = node.count("committed_nodes", 0);
  if (terms.committed_nodes > kNodesMax)
    node.problem("committed_nodes", fmt::format("at most {} nodes", kNodesMax)), terms.committed_nodes = 0;
  terms.freed_value =
      per_hour(node.quantity<DollarsPerSecond>("freed_value", DollarsPerSecond(0.0)), terms.gpus_per_node);
  if (terms.commitment == Commitment::kRoundTheClock) return;
  if (terms.committed_nodes > 0)
    node.problem("committed_nodes", "nodes that are paid for as they are used are committed to nobody",
                 "\"commitment\": \"round_the_clock\"");
  if (terms.freed_value > Money{})
    node.problem("freed_value", "nodes that are paid for as they are used are given back: nothing is freed",
                 "\"commitment\": \"round_the_clock\"");
}

}  // namespace

bool windows_fit_slots(const catalog::PriceBook& book) {
  return std::all_of(book.windows.begin(), book.windows.end(), [](const catalog::PriceWindow& w) {
    return w.from_minute % metrics::kSlotMinutes == 0 && w.to_minute % metrics::kSlotMinutes == 0;
  });
}

const Channel& Terms::channel(const std::string& of_class) const {
  const auto found = by_class.find(of_class);
  return found == by_class.end() ? everyone : found->second;
}

CostItems Terms::freed_hour() const {
  CostItems items = node_hour;
  items.energy = {};
  return items;
}

Money Terms::gpu_hour() const {
  return times(node_hour.total(), 1, gpus_per_node);
}

Terms read_terms(const Node& node, std::int64_t gpus_per_node, const std::string& time_zone,
                 std::span<const std::string> classes) {
  Terms terms;
  terms.gpus_per_node = gpus_per_node;
  read_nodes(node, terms);
  Channels channels(node, time_zone);
  terms.everyone = channels.read(node, nullptr);
  const auto own = node.optional_object("classes");
  if (!own) return terms;
  const std::vector<std::string> known(classes.begin(), classes.end());
  for (const std::string& name : own->keys()) {
    if (std::ranges::find(known, name) == known.end()) {
      const std::string near = nearest(name, known);
      own->problem(
          name,
          fmt::format("no class of requests is called \"{}\": there are {}", name, fmt::join(known, ", ")),
          near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
      own->ignore(name);
      continue;
    }
    terms.by_class[name] = channels.read(own->object(name), &terms.everyone);
  }
  return terms;
}

}  // namespace tideline::finance
