#include "sim/finance/bridge.h"

#include <bit>
#include <cstdlib>
#include <iterator>
#include <vector>

#include "sim/finance/split.h"

namespace tideline::finance {
namespace {

constexpr auto kServing = static_cast<std::size_t>(NodeState::kServing);
constexpr unsigned kAll = 1u << kCauses.size();

double ratio(double a, double b) {
  return b > 0.0 ? a / b : 0.0;
}

// What one side brings to the formula of the header.
struct Side {
  explicit Side(const Case& c) {
    const auto& t = c.statement.tokens;
    tokens = static_cast<double>(t.input() + t.output);
    prefill_share = ratio(static_cast<double>(t.input_miss), tokens);
    output_share = ratio(static_cast<double>(t.output), tokens);
    double prefill = 0.0, decode = 0.0;
    for (const HourNodes& h : c.ledger.hours) {
      const double p = to_hours(h.prefill_ns[kServing]), d = to_hours(h.decode_ns[kServing]);
      prefill += p, decode += d;
      beside += to_hours(h.held_ns()) - p - d;
    }
    for (const HourStatement& h : c.statement.hours) freed += to_hours(h.freed_node_ns);
    prefill_hours = ratio(prefill, static_cast<double>(t.input_miss));
    decode_hours = ratio(decode, static_cast<double>(t.output));
    if (t.input_miss == 0) beside += prefill;  // nodes that served nobody
    if (t.output == 0) beside += decode;
    held_rate = c.terms.node_hour.total().usd();
    freed_rate = (c.terms.freed_hour().total() - c.terms.freed_value).usd();
  }
  double tokens, prefill_share, output_share;
  double prefill_hours, decode_hours;  // of serving, a token
  double beside = 0.0, freed = 0.0;
  double held_rate, freed_rate;
};

// Profit with each cause as one side or the other has it: bit c of `changed` is the other's cause c.
class Mixed {
 public:
  Mixed(const Case& from, const Case& to) : sides_{Side(from), Side(to)} {
    const Case* const cases[] = {&from, &to};
    for (std::size_t price = 0; price < 2; ++price)
      for (std::size_t mix = 0; mix < 2; ++mix)
        a_token_[price][mix] =
            ratio(account(cases[price]->terms, cases[mix]->ledger).revenue.total().usd(), sides_[mix].tokens);
  }
  [[nodiscard]] double profit(unsigned changed) const {
    const auto which = [&](Cause c) {
      return static_cast<std::size_t>(changed >> static_cast<unsigned>(c) & 1u);
    };
    const auto side = [&](Cause c) -> const Side& { return sides_[which(c)]; };
    const Side &mix = side(Cause::kMix), &efficiency = side(Cause::kEfficiency);
    const Side &rates = side(Cause::kRates), &capacity = side(Cause::kCapacity);
    const double tokens = side(Cause::kVolume).tokens;
    const double serving =
        tokens * (mix.prefill_share * efficiency.prefill_hours + mix.output_share * efficiency.decode_hours);
    return tokens * a_token_[which(Cause::kPrice)][which(Cause::kMix)] -
           rates.held_rate * (serving + capacity.beside) - rates.freed_rate * capacity.freed;
  }

 private:
  std::array<Side, 2> sides_;
  double a_token_[2][2] = {};  // revenue, by whose price and whose mix
};

// Share of the orders in which `before` causes come first, then this one: b! (n - b - 1)! / n!.
double weight(std::size_t before) {
  constexpr double kFactorial[] = {1, 1, 2, 6, 24, 120, 720};
  constexpr std::size_t kCount = kCauses.size();
  static_assert(kCount < std::size(kFactorial));
  return kFactorial[before] * kFactorial[kCount - before - 1] / kFactorial[kCount];
}

}  // namespace

Bridge bridge(const Case& from, const Case& to) {
  const Mixed mixed(from, to);
  std::array<double, kAll> profit{};
  for (unsigned changed = 0; changed < kAll; ++changed) profit[changed] = mixed.profit(changed);
  Bridge b{.from = from.statement.profit(), .to = to.statement.profit()};
  std::int64_t left = (b.to - b.from).micro_usd;
  std::vector<std::int64_t> sizes;
  for (std::size_t c = 0; c < kCauses.size(); ++c) {
    const unsigned bit = 1u << c;
    double effect = 0.0;
    for (unsigned before = 0; before < kAll; ++before)
      if ((before & bit) == 0)
        effect +=
            weight(static_cast<std::size_t>(std::popcount(before))) * (profit[before | bit] - profit[before]);
    b.effects[c] = to_money(Dollars(effect));
    left -= b.effects[c].micro_usd;
    sizes.push_back(std::abs(b.effects[c].micro_usd));
  }
  const auto rest = split(left, sizes);
  for (std::size_t c = 0; c < kCauses.size(); ++c) b.effects[c] += Money{rest[c]};
  return b;
}

}  // namespace tideline::finance
