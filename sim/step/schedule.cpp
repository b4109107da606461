#include "sim/step/schedule.h"

#include <algorithm>
#include <array>
#include <vector>

#include "sim/base/check.h"

namespace tideline::step {
namespace {

using enum Stage;
constexpr auto kCompute = Stream::kCompute;
constexpr auto kComm = Stream::kCommunication;

constexpr std::array kNone = {
    ScheduleEntry{kCompute, 0, kAttention0, 0}, ScheduleEntry{kCompute, 0, kAttention1, 0},
    ScheduleEntry{kCompute, 0, kShared, 0},     ScheduleEntry{kComm, 0, kDispatch, 0},
    ScheduleEntry{kCompute, 0, kMlp, 0},        ScheduleEntry{kComm, 0, kCombine, 0},
};

// Batch 1 runs half a layer behind batch 0.
constexpr std::array kPrefill = {
    ScheduleEntry{kCompute, 0, kAttention0, 0}, ScheduleEntry{kCompute, 0, kAttention1, 0},
    ScheduleEntry{kCompute, 0, kShared, 0},     ScheduleEntry{kComm, 1, kDispatch, -1},
    ScheduleEntry{kComm, 0, kDispatch, 0},      ScheduleEntry{kCompute, 1, kMlp, -1},
    ScheduleEntry{kCompute, 0, kMlp, 0},        ScheduleEntry{kComm, 1, kCombine, -1},
    ScheduleEntry{kComm, 0, kCombine, 0},       ScheduleEntry{kCompute, 1, kAttention0, 0},
    ScheduleEntry{kCompute, 1, kAttention1, 0}, ScheduleEntry{kCompute, 1, kShared, 0},
};

constexpr std::array kDecode = {
    ScheduleEntry{kCompute, 0, kAttention0, 0}, ScheduleEntry{kCompute, 1, kMlp, -1},
    ScheduleEntry{kComm, 1, kCombine, -1},      ScheduleEntry{kCompute, 0, kAttention1, 0},
    ScheduleEntry{kComm, 0, kDispatch, 0},      ScheduleEntry{kCompute, 0, kShared, 0},
    ScheduleEntry{kCompute, 1, kAttention0, 0}, ScheduleEntry{kCompute, 0, kMlp, 0},
    ScheduleEntry{kComm, 0, kCombine, 0},       ScheduleEntry{kCompute, 1, kAttention1, 0},
    ScheduleEntry{kComm, 1, kDispatch, 0},      ScheduleEntry{kCompute, 1, kShared, 0},
};

// Ends of the stages of one micro-batch, two layers deep (this one and the one before).
using Ends = std::array<std::array<Seconds, kStages>, 2>;

// When everything that (stage of a layer) waits for is done: the chain ATTN-0, ATTN-1, DISPATCH, MLP,
// COMBINE, with SHARED after ATTN-1 and due before the next layer.
Seconds ready(const Ends& ends, int layer, Stage stage) {
  const auto& now = ends[layer & 1];
  const auto& before = ends[(layer + 1) & 1];
  switch (stage) {
    case kAttention0:
      return std::max(at(before, kCombine), at(before, kShared));
    case kAttention1:
      return at(now, kAttention0);
    case kShared:
    case kDispatch:
      return at(now, kAttention1);
    case kMlp:
      return at(now, kDispatch);
    case kCombine:
      return at(now, kMlp);
  }
  CHECK(false, "unknown stage");
}

}  // namespace

std::string_view to_string(Stage stage) {
  constexpr std::array<std::string_view, kStages> kNames = {"ATTN-0",   "ATTN-1", "SHARED",
                                                            "DISPATCH", "MLP",    "COMBINE"};
  return kNames[static_cast<std::size_t>(stage)];
}

const Schedule& schedule_none() {
  static const Schedule s{"none", 1, kNone};
  return s;
}
const Schedule& schedule_two_batch_prefill() {
  static const Schedule s{"two_batch_prefill", 2, kPrefill};
  return s;
}
const Schedule& schedule_two_batch_decode() {
  static const Schedule s{"two_batch_decode", 2, kDecode};
  return s;
}

Seconds run_layers(const Schedule& schedule, const StageTimes& times, int layers) {
  std::array<Seconds, 2> stream_free{};
  std::array<Ends, 2> ends{};
  Seconds last;
  // One pass beyond the last layer, for what a schedule leaves to the pass after (offset -1).
  for (int pass = 0; pass <= layers; ++pass)
    for (const ScheduleEntry& entry : schedule.layer) {
      const int layer = pass + entry.layer_offset;
      if (layer < 0 || layer >= layers) continue;
      Ends& batch = ends[entry.micro_batch];
      Seconds& free = stream_free[static_cast<std::size_t>(entry.stream)];
      const Seconds end = std::max(free, ready(batch, layer, entry.stage)) + at(times, entry.stage);
      free = at(batch[layer & 1], entry.stage) = end;
      last = std::max(last, end);
    }
  return last;
}

Seconds steady_layer(const Schedule& schedule, const StageTimes& times) {
  constexpr int kWarm = 8, kSpan = 8;
  return (run_layers(schedule, times, kWarm + kSpan) - run_layers(schedule, times, kWarm)) / double{kSpan};
}

}  // namespace tideline::step
