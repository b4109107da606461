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

namespace {

// Calls visit(entry, layer, begin, end) for every entry of every layer, each beginning when its stream is
// free and what it waits for is done.
template <class Visit>
void walk(const Schedule& schedule, const StageWaits& waits, const StageTimes& times, int layers,
          Visit visit) {
  std::array<Seconds, 2> stream_free{};
  // Ends of the stages by micro-batch, two layers deep: this one and the one before.
  std::array<std::array<StageTimes, 2>, 2> ends{};
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
      visit(entry, layer, begin, free);
    }
}

}  // namespace

Seconds run_layers(const Schedule& schedule, const StageWaits& waits, const StageTimes& times, int layers) {
  Seconds last;
  walk(schedule, waits, times, layers,
       [&](const ScheduleEntry&, int, Seconds, Seconds end) { last = std::max(last, end); });
  return last;
}

std::array<bool, kStages> side_by_side(const Schedule& schedule, const StageWaits& waits) {
  struct Interval {
    Stage stage;
    Seconds begin, end;
  };
  constexpr int kLayers = 4;  // the pipeline is full in some of them
  std::array<bool, kStages> out{};
  for (const Stage exchange : {Stage::kDispatch, Stage::kCombine}) {
    StageTimes times;
    times.fill(Seconds(1.0));
    at(times, exchange) = Seconds(1e6);  // everything that need not wait for it runs meanwhile
    std::vector<Interval> computed, exchanged;
    walk(schedule, waits, times, kLayers, [&](const ScheduleEntry& e, int, Seconds begin, Seconds end) {
      if (e.stage == exchange && e.stream == Stream::kCommunication)
        exchanged.push_back({e.stage, begin, end});
      else if (!is_exchange(e.stage))
        computed.push_back({e.stage, begin, end});
    });
    for (const Interval& x : exchanged)
      for (const Interval& c : computed)
        if (c.begin < x.end && c.end > x.begin) out[index(c.stage)] = out[index(x.stage)] = true;
  }
  return out;
}

Seconds steady_layer(const Schedule& schedule, const StageWaits& waits, const StageTimes& times) {
  constexpr int kWarm = 8, kSpan = 8;
  return (run_layers(schedule, waits, times, kWarm + kSpan) - run_layers(schedule, waits, times, kWarm)) /
         double{kSpan};
}

}  // namespace tideline::step
