#include "sim/step/longest_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tideline::step {
namespace {

std::size_t index(Stage s) {
  return static_cast<std::size_t>(s);
}

}  // namespace

std::string why_it_cannot_run(const Schedule& schedule, const StageWaits& waits) {
  // Two layers after the first are enough: from then on every layer is like the one before.
  constexpr int kLayers = 3;
  std::array<std::array<int, kStages>, 2> done;
  for (auto& batch : done) batch.fill(-1);
  for (int pass = 0; pass <= kLayers; ++pass)
    for (const ScheduleEntry& e : schedule.layer) {
      const int layer = pass - e.layers_back;
      if (layer < 0 || layer >= kLayers) continue;
      auto& batch = done[static_cast<std::size_t>(e.micro_batch)];
      for (const Wait& wait : waits[index(e.stage)])
        if (batch[index(wait.stage)] < layer - wait.layers_back)
          return fmt::format("{} of micro-batch {} stands before the {} that it waits for",
                             to_string(e.stage), e.micro_batch, to_string(wait.stage));
      batch[index(e.stage)] = layer;
    }
  return "";
}

Seconds run_layers(const Schedule& schedule, const StageWaits& waits, const StageTimes& times, int layers) {
  std::array<Seconds, 2> stream_free{};
  // Ends of the stages by micro-batch, two layers deep: this one and the one before.
  std::array<std::array<StageTimes, 2>, 2> ends{};
  Seconds last;
  // One pass beyond the last layer, for what a schedule leaves to the pass after.
  for (int pass = 0; pass <= layers; ++pass)
    for (const ScheduleEntry& entry : schedule.layer) {
      const int layer = pass - entry.layers_back;
      if (layer < 0 || layer >= layers) continue;
      auto& batch = ends[static_cast<std::size_t>(entry.micro_batch)];
      Seconds& free = stream_free[static_cast<std::size_t>(entry.stream)];
      Seconds begin = free;
      for (const Wait& wait : waits[index(entry.stage)])
        begin =
            std::max(begin, at(batch[static_cast<std::size_t>(layer + wait.layers_back) & 1], wait.stage));
      free = at(batch[static_cast<std::size_t>(layer) & 1], entry.stage) = begin + at(times, entry.stage);
      last = std::max(last, free);
    }
  return last;
}

Seconds steady_layer(const Schedule& schedule, const StageWaits& waits, const StageTimes& times) {
  constexpr int kWarm = 8, kSpan = 8;
  return (run_layers(schedule, waits, times, kWarm + kSpan) - run_layers(schedule, waits, times, kWarm)) /
         double{kSpan};
}

}  // namespace tideline::step
