// What a kernel that was measured on one GPU takes on another of the same SM architecture.
//
// The step in bandwidth, by the share of it that the measurement itself achieved:
//     t1 = t (1 + w (W_from / W_to - 1)),   w = clip(u / 0.75, 0, 1)^2,   u = bytes / (t W_from)
// Source and error: found on aiconfigurator's tables of H200 and H100 (GEMM, MoE, attention; 20,000 pairs a
// table); 0.75 and the square are of those tables. 3-7 % there, where the ratio of two smooth rooflines is
// 4-8 % off and no step at all 6-18 %. MLA decode with 128 query heads or more is bound by compute on all of
// them (H200 / H100 0.94, spread 0.03): its time goes with the bandwidth's power of -0.136 instead.
//
// The step in compute, by the smooth roofline of the family at the bandwidth of the target, because a kernel
// bound by memory here may be bound by compute there:
//     t2 = t1 f(P_to, W_to) / f(P_from, W_to)
// A product computes whole tiles of 64 rows (wgmma), so its arithmetic counts them. em, p and the fixed cost
// are taken over, and what tiles cost beyond their flop by the time it takes (other units of the SM do it);
// ec too, but for what the power limit takes from either peak (catalog::Gpu::sustained).
// Error: tests/measured/transfer_test.cpp, against H20's own tables.
//
// sigma of ln t: 0.05 between any two cards, what the doubtful w adds between the two bounds, and what the
// step in compute adds: a slower tensor core is kept busier.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/catalog/hardware.h"
#include "sim/kernels/backbone.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {

// The step in bandwidth: t1 / t of a time `t` in which `bytes` at least went through memory of `from`.
double bandwidth_step(Bytes bytes, Seconds t, BytesPerSecond from, BytesPerSecond to);

struct Transferred {
  Seconds time;
  double sigma = 0.0;
};

class Transfer {
 public:
  // Fails: throws InputError when the two GPUs differ in SM architecture, or a record does not say.
  Transfer(const catalog::Gpu& from, const catalog::Gpu& to);

  // A time measured on `from`. `backbone`: that of the family, at the peak and bandwidth of `from`.
  [[nodiscard]] Transferred time(const kernels::FamilyInfo& info, const kernels::Backbone& backbone,
                                 const kernels::Coordinates& at, Seconds measured) const;

  // A family, a whole GPU of calib/fitted for the target, with "transferred_from" in each family. Contention
  // and gaps between kernels are taken over: what slows a kernel beside an all-to-all is the share of
  // bandwidth and L2 that both want, and a gap is the launching host's; neither was measured elsewhere.
  [[nodiscard]] nlohmann::ordered_json family(const kernels::FamilyInfo& info,
                                              const nlohmann::ordered_json& fitted) const;
  [[nodiscard]] nlohmann::ordered_json gpu(const nlohmann::ordered_json& fitted) const;

 private:
  catalog::Gpu from_, to_;
};

}  // namespace tideline::calib
