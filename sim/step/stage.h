// The stages into which a schedule cuts a layer, and the two streams of a GPU on which they run.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "sim/base/units.h"

namespace tideline::step {

// A decode layer has five stages besides SHARED: the attention is split so that each half hides one
// all-to-all. Prefill leaves ATTN-0 empty.
enum class Stage { kAttention0, kAttention1, kShared, kDispatch, kMlp, kCombine };
inline constexpr int kStages = 6;

// As schedules and reports write them.
inline constexpr std::array<std::string_view, kStages> kStageNames = {"ATTN-0",   "ATTN-1", "SHARED",
                                                                      "DISPATCH", "MLP",    "COMBINE"};
inline constexpr std::string_view to_string(Stage stage) {
  return kStageNames[static_cast<std::size_t>(stage)];
}

// All GPUs of the unit take part in an exchange together.
inline constexpr bool is_exchange(Stage stage) {
  return stage == Stage::kDispatch || stage == Stage::kCombine;
}

enum class Stream { kCompute, kCommunication };

// Seconds each stage takes for one micro-batch.
using StageTimes = std::array<Seconds, kStages>;
inline Seconds& at(StageTimes& times, Stage s) {
  return times[static_cast<std::size_t>(s)];
}
inline Seconds at(const StageTimes& times, Stage s) {
  return times[static_cast<std::size_t>(s)];
}

// What each stage waits for, of the same micro-batch.
struct Wait {
  Stage stage = Stage::kAttention0;
  int layers_back = 0;  // 1: of the layer before
};
using StageWaits = std::array<std::vector<Wait>, kStages>;

}  // namespace tideline::step
