#include "sim/fleet/transfers.h"

#include <algorithm>
#include <limits>

namespace tideline::fleet {
namespace {

// What all-to-alls and a degraded link leave of the NIC of a GPU.
BytesPerSecond nic_rate(const Fleet& fleet, const step::Unit& unit, double exchange_share, std::size_t gpu) {
  const double degraded = unit.nic_shares.empty() ? 1.0 : unit.nic_shares[gpu];
  return fleet.transfer_rate * (1.0 - exchange_share) * degraded;
}

// Layers of a cache.
std::int64_t layers(const Fleet& fleet) {
  return fleet.decode.unit.llm.layers + fleet.decode.unit.draft_layers();
}

}  // namespace

std::vector<BytesPerSecond> read_rates(const Fleet& fleet) {
  const step::Unit& unit = fleet.prefill.unit;
  std::vector<BytesPerSecond> rates(static_cast<std::size_t>(unit.nodes), fleet.prefill.cache_read_rate);
  if (fleet.storage == policy::Storage::kOwnNetwork) return rates;
  const auto gpus = static_cast<std::size_t>(unit.node.gpus);
  for (std::size_t gpu = 0; gpu < rates.size() * gpus; ++gpu) {
    BytesPerSecond& rate = rates[gpu / gpus];
    rate =
        std::min(rate, nic_rate(fleet, unit, fleet.prefill.exchange_share, gpu) * static_cast<double>(gpus));
  }
  return rates;
}

Transfers::Transfers(const Fleet& fleet)
    : layer_wise_(fleet.transfer == policy::Transfer::kLayerWise),
      last_layer_(1.0 / static_cast<double>(std::max<std::int64_t>(1, layers(fleet)))),
      prefill_out_(nics(fleet, fleet.prefill.unit, fleet.prefill.exchange_share)),
      decode_in_(nics(fleet, fleet.decode.unit, fleet.decode.exchange_share)),
      decode_out_(decode_in_) {}

Transfers::Nics Transfers::nics(const Fleet& fleet, const step::Unit& unit, double exchange_share) {
  Nics nics;
  for (std::size_t gpu = 0; gpu < static_cast<std::size_t>(unit.gpus()); ++gpu) {
    const BytesPerSecond rate = nic_rate(fleet, unit, exchange_share, gpu);
    nics.ns_per_token.push_back((fleet.kv_per_token() * Tokens(1.0) / rate).value() * 1e9);
  }
  return nics;
}

Instant Transfers::Nics::carry(std::size_t unit, std::size_t gpu, double tokens, Instant from) {
  const std::size_t nic = unit * ns_per_token.size() + gpu;
  if (nic >= free.size())
    free.resize((unit + 1) * ns_per_token.size(), Instant{std::numeric_limits<std::int64_t>::min()});
  free[nic] =
      std::max(free[nic], from) + Duration{static_cast<std::int64_t>(tokens * ns_per_token[gpu] + 0.5)};
  return free[nic];
}

Instant Transfers::send(const Origin& origin, double tokens, bool waited, std::size_t unit, std::size_t rank,
                        Instant now) {
  const bool early = layer_wise_ && !origin.decode && !waited;
  const Instant from = early ? origin.begun : now;
  Nics& out = origin.decode ? decode_out_ : prefill_out_;
  const Instant carried =
      std::max(out.carry(origin.unit, origin.gpu, tokens, from), decode_in_.carry(unit, rank, tokens, from));
  if (!early) return carried;
  const double slower = std::max(out.ns_per_token[origin.gpu], decode_in_.ns_per_token[rank]);
  return std::max(carried, now + Duration{static_cast<std::int64_t>(last_layer_ * tokens * slower + 0.5)});
}

}  // namespace tideline::fleet
