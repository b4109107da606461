// What a simulated step did, kernel by kernel: the spans of every stream, and where the time of the compute
// streams went. The sums are kept on every run; the spans only when they are asked for.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/step/operations.h"
#include "sim/step/schedule.h"

namespace tideline::step {

struct Span {
  std::int32_t gpu = 0;
  Stream stream = Stream::kCompute;
  // Of all layers; beyond the last: draft layers, then what stands outside the layers.
  std::int16_t layer = 0;
  std::int8_t micro_batch = 0;
  Stage stage = Stage::kAttention0;
  Kind kind = Kind::kOther;
  std::string_view name;
  Instant begin, end;
};

// Time of the compute streams over the MoE layers, mean of the GPUs. Units: seconds, all micro-batches.
struct LayerParts {
  std::array<double, 4> kernels_s{};  // by Kind
  double dispatch_exposed_s = 0;      // the stream waits for a dispatch
  double combine_exposed_s = 0;
  double launch_s = 0;                   // between one kernel and the next
  double dispatch_s = 0, combine_s = 0;  // how long the all-to-alls were in flight, hidden or not
  [[nodiscard]] double total_s() const {
    double sum = dispatch_exposed_s + combine_exposed_s + launch_s;
    for (const double k : kernels_s) sum += k;
    return sum;
  }
};

struct SimulatedStep {
  Seconds total;
  Seconds layers;     // from the first kernel to the end of the last layer, draft layers excluded
  Seconds moe_layer;  // mean of the MoE layers in the steady state
  LayerParts parts;   // of one MoE layer
  std::uint64_t kernels = 0, events = 0;
  std::vector<Span> spans;  // by end; empty unless asked for
};

}  // namespace tideline::step
