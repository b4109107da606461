// Inside config: what a quantity measures.
#pragma once

namespace tideline::config {

enum class Measure {
  kTime,
  kData,
  kDataRate,
  kTokens,
  kTokenRate,
  kFlopRate,
  kMoney,
  kMoneyRate,
  kRate,
  kPower,
  kEnergyPrice
};

}  // namespace tideline::config
