#include "calib/fit/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "calib/fit/backbone_json.h"
#include "calib/fit/fit_family.h"
#include "calib/fit/merge.h"
#include "sim/base/error.h"

namespace tideline::calib {
namespace {

using kernels::Backbone;
using kernels::Coordinates;
using kernels::FamilyId;
using kernels::FamilyInfo;
using kernels::Work;
using Json = nlohmann::ordered_json;

// The share of the bandwidth on paper from which a kernel counts as bound by it. 0.85 is no worse by more
// than 0.3 points.
constexpr double kMemoryBound = 0.75;
// MLA decode, 128 heads and more: 1.05 +- 0.03 from 4.8 TB/s to 3.35 TB/s.
constexpr double kMlaComputeBoundHeads = 128;
constexpr double kMlaFactor = 1.05, kMlaSpread = 0.03;
// Between two cards of one make: +-5 % (spread over cards and power limits in the same tables).
constexpr double kSigmaCard = 0.05;
constexpr double kSigmaMixed = 0.1;
// For each e-fold between the peaks, of a kernel bound by compute: what H20's own products were off by.
constexpr double kSigmaCompute = 0.12;
const double kStudiedRatio = std::log(4.8 / 3.35);
constexpr double kTileRows = 64;  // of wgmma

bool is_product(FamilyId id) {
  return id == FamilyId::kDenseGemm || id == FamilyId::kBf16Gemm || id == FamilyId::kGroupedMasked ||
         id == FamilyId::kGroupedContiguous || id == FamilyId::kBatchedGemm;
}

Work in_rows_of_tiles(const FamilyInfo& info, const Coordinates& at) {
  Work w = info.work_of(at);
  if (is_product(info.id) && w.m == 0.0) w.flop = w.flop * (std::ceil(at.x / kTileRows) * kTileRows / at.x);
  return w;
}

// The family's backbone on the GPU it was fitted on, and on another: what a power limit takes from the peak
// is the GPU's, what remains of ec the kernel's. What tiles cost beyond their flop is done by the SM's other
// units: the same time, and so a smaller share of a slower tensor core's.
Backbone on(Backbone b, const FamilyInfo& info, const catalog::Gpu& fitted, const catalog::Gpu& gpu) {
  const Backbone there = backbone_on(info, gpu), here = backbone_on(info, fitted);
  const double tensor_rates = (there.peak / there.sms) / (here.peak / here.sms);
  b.peak = there.peak, b.bandwidth = there.bandwidth, b.sms = there.sms;
  b.tiles.two_scales *= tensor_rates, b.tiles.one_group *= tensor_rates;
  b.ec = std::min(1.0, b.ec * gpu.sustained / fitted.sustained);
  return b;
}

// 0: bound by something else; 1: bound by memory.
double memory_share(Bytes bytes, Seconds t, BytesPerSecond bandwidth) {
  return std::pow(std::clamp(bytes / (t * bandwidth) / kMemoryBound, 0.0, 1.0), 2.0);
}

}  // namespace

double bandwidth_step(Bytes bytes, Seconds t, BytesPerSecond from, BytesPerSecond to) {
  return 1.0 + memory_share(bytes, t, from) * (from / to - 1.0);
}

Transfer::Transfer(const catalog::Gpu& from, const catalog::Gpu& to) : from_(from), to_(to) {
  const auto name = [](const catalog::Gpu& g) {
    return fmt::format("{} ({})", g.name,
                       g.architecture.empty() ? "architecture not stated" : g.architecture);
  };
  if (from.architecture.empty() || from.architecture != to.architecture)
    throw InputError(
        {.file = "models/gpu/" + to.name + ".json",
         .message = fmt::format("kernel times cannot be transferred from {} to {}", name(from), name(to)),
         .suggestion = "only between GPUs of one SM architecture; others need timings of their own"});
}

Transferred Transfer::time(const FamilyInfo& info, const Backbone& backbone, const Coordinates& at,
                           Seconds measured) const {
  const Backbone here = on(backbone, info, from_, from_), there = on(backbone, info, from_, to_);
  const double bandwidths = from_.bandwidth / to_.bandwidth;
  const double studied = std::abs(std::log(bandwidths)) / kStudiedRatio;
  const Bytes bytes = info.work_of(at).bytes;
  const double w = memory_share(bytes, measured, from_.bandwidth);
  double step = bandwidth_step(bytes, measured, from_.bandwidth, to_.bandwidth);
  double doubt = kSigmaMixed * 4.0 * w * (1.0 - w);
  if (info.id == FamilyId::kMlaDecode && static_cast<double>(at.a) >= kMlaComputeBoundHeads)
    step = std::pow(bandwidths, std::log(kMlaFactor) / kStudiedRatio), doubt = kMlaSpread;

  Backbone between = here;
  between.bandwidth = to_.bandwidth;
  const Work work = in_rows_of_tiles(info, at);
  const Seconds slow = there(work), fast = between(work);
  // How much of the time on the target is arithmetic.
  const double bound = std::min(1.0, there.compute(there.executed(work)) / slow);
  const double peaks = std::abs(std::log(there.peak * there.ec / (here.peak * here.ec)));
  return {measured * step * (slow / fast), kSigmaCard + doubt * studied + kSigmaCompute * peaks * bound};
}

Json Transfer::family(const FamilyInfo& info, const Json& fitted) const {
  const Backbone backbone = backbone_of(info, from_, fitted["backbone"]);
  Json out;
  out["transferred_from"] = from_.name;
  for (const auto& [key, value] : fitted.items()) out[key] = value;
  out["backbone"] = backbone_json(on(backbone, info, from_, to_));
  Json& sigma = out["sigma"];
  sigma["transfer"] = kSigmaCard;
  if (fitted["samples"]["a"].empty())
    for (const char* kind : {"known", "unknown", "beyond"})
      sigma[kind] = rounded(std::hypot(sigma[kind].get<double>(), kSigmaCard));
  Json& samples = out["samples"];
  samples["sigma"] = Json::array();
  // A transferred curve may fall by a little where its weight changes: made isotonic like a measured one.
  std::vector<Record> records;
  for (std::size_t i = 0; i < samples["a"].size(); ++i) {
    const Coordinates at{samples["a"][i], samples["b"][i], samples["s"][i], samples["x"][i]};
    const Transferred t = time(info, backbone, at, Seconds(samples["time_us"][i].get<double>() * 1e-6));
    records.push_back({at, "", "", t.time});
    samples["sigma"].push_back(rounded(t.sigma));
  }
  const Merged merged = merge(records);
  for (std::size_t i = 0; i < merged.samples.size(); ++i)
    samples["time_us"][i] = rounded(merged.samples[i].time.value() * 1e6);
  return out;
}

Json Transfer::gpu(const Json& fitted) const {
  Json out = fitted;
  for (const FamilyInfo& info : kernels::kFamilies) {
    Json& f = out["families"][std::string(info.name)];
    f = family(info, f);
  }
  return out;
}

}  // namespace tideline::calib
