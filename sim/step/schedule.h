// The order in which the stages of a layer run: data, not code. A schedule lists, for one layer, what each of
// the two streams of a GPU does in turn; the stage graph says what a stage waits for.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "sim/base/units.h"

namespace tideline::step {

// A decode layer has five stages besides SHARED: the attention is split so that each half hides one
// all-to-all. Prefill leaves ATTN-0 empty.
enum class Stage { kAttention0, kAttention1, kShared, kDispatch, kMlp, kCombine };
inline constexpr int kStages = 6;
std::string_view to_string(Stage stage);

enum class Stream { kCompute, kCommunication };

// Seconds each stage takes for one micro-batch.
using StageTimes = std::array<Seconds, kStages>;
inline Seconds& at(StageTimes& times, Stage s) {
  return times[static_cast<std::size_t>(s)];
}
inline Seconds at(const StageTimes& times, Stage s) {
  return times[static_cast<std::size_t>(s)];
}

struct ScheduleEntry {
  Stream stream;
  int micro_batch;  // 0 or 1
  Stage stage;
  int layer_offset;  // 0: of this layer; 1: of the next, already begun here
};

struct Schedule {
  std::string_view name;
  int micro_batches;
  std::span<const ScheduleEntry> layer;  // per stream, in order
};

// One batch, nothing hidden.
const Schedule& schedule_none();
// DeepSeek's prefill: ATTN and MLP of one micro-batch beside DISPATCH and COMBINE of the other.
const Schedule& schedule_two_batch_prefill();
// DeepSeek's decode: DISPATCH hides behind SHARED and the other's ATTN-0, COMBINE behind the other's ATTN-1.
const Schedule& schedule_two_batch_decode();

// Time from the start of the first of `layers` layers to the end of the last, filling and draining included:
// each stage starts when its stream is free and what it depends on is done (a longest path).
Seconds run_layers(const Schedule& schedule, const StageTimes& times, int layers);

// What one layer adds once the pipeline is full.
Seconds steady_layer(const Schedule& schedule, const StageTimes& times);

}  // namespace tideline::step
