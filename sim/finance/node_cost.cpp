#include "sim/finance/node_cost.h"

#include <cmath>

#include "sim/base/time.h"
#include "sim/config/choose.h"

namespace tideline::finance {
namespace {

constexpr double kSecondsPerHour = 3600.0;
constexpr double kHoursPerYear = 8760.0;
constexpr Dollars kNodeMax(1e9), kEnergyOfAnHourMax(1e6);
constexpr double kYearsMin = 0.1, kYearsMax = 50.0;

double years(Seconds life) {
  return life.value() / (kSecondsPerHour * kHoursPerYear);
}

Dollars capital_of_a_year(const Owned& o) {
  const double n = years(o.life), i = o.cost_of_capital;
  const Dollars residual = o.capex * o.residual_share;
  if (o.depreciation == Depreciation::kStraightLine)
    return (o.capex - residual) / n + (o.capex + residual) * (0.5 * i);
  if (i == 0.0) return (o.capex - residual) / n;
  return (o.capex - residual * std::pow(1.0 + i, -n)) * (i / (1.0 - std::pow(1.0 + i, -n)));
}

Dollars energy_of_an_hour(const Owned& o) {
  return o.power * o.energy_price * Seconds(kSecondsPerHour) * o.pue;
}

}  // namespace

CostItems& CostItems::operator+=(const CostItems& other) {
  for (const CostItem& item : kCostItems) this->*item.amount += other.*item.amount;
  return *this;
}

CostItems times(const CostItems& node_hour, std::int64_t node_ns) {
  CostItems cost;
  for (const CostItem& item : kCostItems)
    cost.*item.amount = tideline::times(node_hour.*item.amount, node_ns, kNsPerHour);
  return cost;
}

CostItems node_hour(const Owned& o) {
  const Dollars capital = capital_of_a_year(o) / kHoursPerYear;
  const Dollars energy = energy_of_an_hour(o);
  return {.lease = {},
          .capital = to_money(capital),
          .network = to_money(capital * o.network_share),
          .operations = to_money(o.capex * (o.operations_share / kHoursPerYear)),
          .energy = to_money(energy)};
}

Owned read_owned(const config::Node& node) {
  Owned o;
  o.capex = node.quantity<Dollars>("capex_per_node");
  if (o.capex > kNodeMax) node.problem("capex_per_node", "at most a billion dollars"), o.capex = Dollars(0.0);
  o.life = node.quantity<Seconds>("life");
  if (years(o.life) < kYearsMin || years(o.life) > kYearsMax) {
    node.problem("life", "wants a life from a tenth of a year to 50 years, such as \"5 y\"");
    o.life = Seconds(kSecondsPerHour * kHoursPerYear);
  }
  o.residual_share = node.fraction("residual_share", 0.0);
  o.cost_of_capital = node.fraction("cost_of_capital");
  o.depreciation = config::choose(node, "depreciation", kDepreciations, "annuity");
  o.network_share = node.fraction("network_share", 0.0);
  o.operations_share = node.fraction("operations_share", 0.0);
  o.power = node.quantity<Watts>("power_per_node");
  o.pue = node.number("pue");
  if (o.pue < 1.0 || o.pue > 3.0)
    node.problem("pue", "a site draws at least what its machines do: wants 1 to 3");
  o.energy_price = node.quantity<DollarsPerJoule>("energy_price");
  if (energy_of_an_hour(o) > kEnergyOfAnHourMax) {
    node.problem("energy_price", "the energy of a node costs more than a million dollars an hour");
    o.energy_price = DollarsPerJoule(0.0);
  }
  return o;
}

}  // namespace tideline::finance
