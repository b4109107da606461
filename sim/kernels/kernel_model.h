// Time of one kernel on one GPU, from measurements: a smooth roofline fitted per family (calib/fit),
// corrected by the residuals of the nearest measured shapes. Pure: the same question has the same answer.
//
// Every answer says what it stands on (Provenance) and how far it may be off (sigma of ln time).
// Error: by family in calib/fitted/<gpu>.json, hold-out errors beside the fit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/catalog/hardware.h"
#include "sim/config/node.h"
#include "sim/kernels/answer.h"
#include "sim/kernels/family.h"
#include "sim/kernels/shapes.h"

namespace tideline::kernels {

// How many SMs the kernel may use, and whether an all-to-all runs beside it on the others (measured
// slow-down).
struct Lane {
  std::int64_t sms = 132;
  bool beside_communication = false;
};

// How kernels follow one another: each launched from the host, or replayed from a CUDA graph.
enum class Launch { kEager, kGraph };

// What launching one by one costs the host between two kernels, and how long a launch takes to reach an idle
// GPU.
struct HostLaunch {
  Seconds pace, latency;
};

class KernelModel {
 public:
  // The fitted model of a GPU: calib/fitted/<gpu>.json beside the folder of models.
  // Fails: throws InputError naming the GPUs that have one.
  static KernelModel load(const catalog::Gpu& gpu);
  // Another fit of it, such as one that is to be compared.
  static KernelModel load(const catalog::Gpu& gpu, const std::string& file);

  // A problem at `key` of a scenario when the GPU has none.
  static void require(const config::Node& at, std::string_view key, const catalog::Gpu& gpu);

  template <class Shape>
  [[nodiscard]] Answer time(const Shape& q, Lane lane) const {
    return time(family_of(q), place_of(q), kernels::work_of(q), lane);
  }
  // `assumed`: as long as a kernel that streams as many bytes, and as uncertain as attention that was never
  // measured.
  [[nodiscard]] Answer time(const GqaDecode& q, Lane lane) const;
  // Whose measurements that time is taken from, as the fitted file cites them: those of the points that it
  // lies at or between, or of the whole family where it is the backbone's alone.
  template <class Shape>
  [[nodiscard]] std::vector<std::string> sources(const Shape& q) const {
    return sources(family_of(q), place_of(q));
  }
  [[nodiscard]] std::vector<std::string> sources(const GqaDecode&) const { return {}; }  // nobody's
  // Between the end of one kernel and the start of the next on the same stream.
  [[nodiscard]] Seconds launch_gap(Launch launch) const;
  // Where it may lie, over launch_gap(): a range, for it was measured elsewhere or assumed.
  struct GapRange {
    double low = 1.0, high = 1.0;
  };
  [[nodiscard]] GapRange launch_gap_range(Launch launch) const;
  [[nodiscard]] HostLaunch host_launch() const;
  [[nodiscard]] const catalog::Gpu& gpu() const;
  [[nodiscard]] const Family& family(FamilyId id) const;
  // Standard deviation of ln(time) that all kernels of a family share: which library version serves, how well
  // the slices that were measured stand for the others, and for a transferred family the card. One draw of it
  // belongs to one (family, GPU) and replication; Answer::sigma holds it and what each place adds of its own.
  [[nodiscard]] double sigma_family(FamilyId id) const;
  // The GPU on which this family was measured, where it is another; else empty. Every answer of such a family
  // is at best `transferred`.
  [[nodiscard]] const std::string& transferred_from(FamilyId id) const;

 private:
  struct Fitted;
  explicit KernelModel(std::shared_ptr<const Fitted> fitted) : fitted_(std::move(fitted)) {}
  [[nodiscard]] Answer time(FamilyId id, const Coordinates& at, const Work& work, Lane lane) const;
  [[nodiscard]] std::vector<std::string> sources(FamilyId id, const Coordinates& at) const;

  static FamilyId family_of(const DenseGemm&) { return FamilyId::kDenseGemm; }
  static FamilyId family_of(const Bf16Gemm&) { return FamilyId::kBf16Gemm; }
  static FamilyId family_of(const GroupedGemm& q) {
    return q.masked ? FamilyId::kGroupedMasked : FamilyId::kGroupedContiguous;
  }
  static FamilyId family_of(const BatchedGemm&) { return FamilyId::kBatchedGemm; }
  static FamilyId family_of(const MlaDecode&) { return FamilyId::kMlaDecode; }
  static FamilyId family_of(const PrefillAttention&) { return FamilyId::kPrefillAttention; }
  static FamilyId family_of(const Streaming&) { return FamilyId::kStreaming; }

  std::shared_ptr<const Fitted> fitted_;
};

}  // namespace tideline::kernels
