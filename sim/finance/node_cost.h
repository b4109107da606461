// What an hour of a node costs, item by item: leased, or owned and written off over its life.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/base/money.h"
#include "sim/base/policy.h"
#include "sim/config/node.h"

namespace tideline::finance {

// Of a node-hour, or of any number of them.
struct CostItems {
  Money lease, capital, network, operations, energy;
  [[nodiscard]] Money total() const { return lease + capital + network + operations + energy; }
  CostItems& operator+=(const CostItems& other);
};
struct CostItem {
  std::string_view name;
  Money CostItems::*amount;
};
inline constexpr std::array kCostItems = {
    CostItem{"lease", &CostItems::lease}, CostItem{"capital", &CostItems::capital},
    CostItem{"network", &CostItems::network}, CostItem{"operations", &CostItems::operations},
    CostItem{"energy", &CostItems::energy}};

// `node_ns` nanoseconds of nodes at these rates of an hour, each item rounded once.
CostItems times(const CostItems& node_hour, std::int64_t node_ns);

enum class Depreciation { kAnnuity, kStraightLine };

inline constexpr std::array kDepreciations = {
    Policy<Depreciation>{"annuity", "equal amounts that pay back the price less the residual, and interest",
                         Depreciation::kAnnuity},
    Policy<Depreciation>{"straight_line", "equal shares of the price less the residual, interest on the mean",
                         Depreciation::kStraightLine}};

// A node that is owned. A year has 8,760 hours.
struct Owned {
  Dollars capex;  // of a node
  Seconds life;
  double residual_share = 0;   // of the price, at the end of its life
  double cost_of_capital = 0;  // a year
  Depreciation depreciation = Depreciation::kAnnuity;
  double network_share = 0;     // price of fabric and storage beside a node, by the price of the node
  double operations_share = 0;  // staff, space and maintenance a year, by the price of the node
  Watts power;                  // of a node that is held, mean over the day
  double pue = 1;               // power of the site by the power of its machines
  DollarsPerJoule energy_price;
};

// Capital, with C the price, R the residual value, n the life in years, i the cost of capital a year:
//   annuity        (C - R / (1 + i)^n) i / (1 - (1 + i)^-n)
//   straight line  (C - R) / n + i (C + R) / 2
CostItems node_hour(const Owned& owned);

// "owned" of "money".
Owned read_owned(const config::Node& node);

}  // namespace tideline::finance
