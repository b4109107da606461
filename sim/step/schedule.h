// The order in which the stages of a layer run: data, not code. A schedule lists, for one layer, what each of
// the two streams of a GPU does in turn; the stage graph (sim/step/layer_graph.h) says what a stage waits
// for, sim/step/longest_path.h how long it takes. Each is a file of models/overlap; a new one needs no code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/config/node.h"
#include "sim/step/stage.h"

namespace tideline::step {

struct ScheduleEntry {
  Stream stream = Stream::kCompute;  // an exchange on the compute stream stops it: nothing hides it
  int micro_batch = 0;               // 0 or 1
  Stage stage = Stage::kAttention0;
  int layers_back = 0;  // 1: of the layer before, ended only here
};

// 1. Every stage of every micro-batch stands in it once.
// 2. The entries of all layers, one layer after the other, are in an order in which nothing comes before what
//    it waits for.
struct Schedule {
  std::string name, sentence;
  int micro_batches = 1;
  std::vector<ScheduleEntry> layer;
  // Are there exchanges that kernels run beside?
  [[nodiscard]] bool overlaps() const;
};

// models/overlap/<name>.json. Fails: throws InputError with the known names, or with the place of a mistake.
Schedule load_schedule(const std::string& name);
// The schedule that `key` of a scenario names.
Schedule load_schedule(const config::Node& at, std::string_view key, std::string_view absent);

}  // namespace tideline::step
