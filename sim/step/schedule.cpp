#include "sim/step/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/catalog/models.h"

namespace tideline::step {
namespace {

using config::Node;

constexpr std::array<std::string_view, 2> kStreams = {"compute", "communication"};

ScheduleEntry read_entry(const Node& node, int micro_batches) {
  ScheduleEntry entry;
  entry.stream = node.choice("stream", kStreams) == kStreams[0] ? Stream::kCompute : Stream::kCommunication;
  entry.micro_batch = static_cast<int>(node.count("micro_batch"));
  if (entry.micro_batch >= micro_batches) {
    node.problem("micro_batch", fmt::format("there are {}, counted from 0", micro_batches));
    entry.micro_batch = 0;
  }
  const std::string stage = node.choice("stage", kStageNames);
  entry.stage = static_cast<Stage>(std::ranges::find(kStageNames, stage) - kStageNames.begin());
  if (entry.stream == Stream::kCommunication && !is_exchange(entry.stage))
    node.problem("stream", fmt::format("{} computes: only DISPATCH and COMBINE may run beside it", stage));
  entry.layers_back = static_cast<int>(node.count("layers_back", 0));
  if (entry.layers_back > 1) {
    node.problem("layers_back", "wants 0 or 1");
    entry.layers_back = 1;
  }
  return entry;
}

// Invariant 1.
void check_complete(const Node& node, const Schedule& schedule) {
  for (int batch = 0; batch < schedule.micro_batches; ++batch)
    for (std::size_t s = 0; s < kStages; ++s) {
      const auto times = std::ranges::count_if(schedule.layer, [&](const ScheduleEntry& e) {
        return e.micro_batch == batch && e.stage == static_cast<Stage>(s);
      });
      if (times != 1)
        node.problem("layer", fmt::format("{} of micro-batch {} stands in it {} times, not once",
                                          kStageNames[s], batch, times));
    }
}

}  // namespace

bool Schedule::overlaps() const {
  return std::ranges::any_of(layer,
                             [](const ScheduleEntry& e) { return e.stream == Stream::kCommunication; });
}

Schedule load_schedule(const std::string& name) {
  const config::Document document = catalog::load_record(catalog::find_record("overlap", name));
  const Node root = document.root();
  (void)catalog::read_origin(root);
  Schedule schedule;
  schedule.name = name;
  schedule.sentence = root.text("what");
  schedule.micro_batches = static_cast<int>(root.positive("micro_batches"));
  if (schedule.micro_batches > 2) {
    root.problem("micro_batches", "wants 1 or 2");
    schedule.micro_batches = 2;
  }
  for (const Node& entry : root.list("layer"))
    schedule.layer.push_back(read_entry(entry, schedule.micro_batches));
  check_complete(root, schedule);
  document.finish();
  return schedule;
}

Schedule load_schedule(const Node& at, std::string_view key, std::string_view absent) {
  const std::vector<std::string> known = catalog::known_names("overlap");
  return load_schedule(
      at.choice(key, std::vector<std::string_view>(known.begin(), known.end()), std::string(absent)));
}

}  // namespace tideline::step
