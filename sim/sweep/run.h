// Runs the points of a shard and writes each as it is done.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sim/sweep/shard.h"
#include "sim/sweep/store.h"

namespace tideline::sweep {

// Where a point stands in a store. A done row that lacks a metric of the study is of an earlier form of it,
// and does not count.
struct Standing {
  enum class State { kMissing, kFailed, kDone } state = State::kMissing;
  StoredRow row;  // unless it is missing
};

// Fails: InputError where one point was done twice with different results, which cannot be: the same program
// has to give the same bytes.
Standing standing(const Store& store, const Study& study, const Key& key);

// How many points of a study stand where.
struct Tally {
  std::uint64_t done = 0, failed = 0, missing = 0;
  [[nodiscard]] std::uint64_t all() const { return done + failed + missing; }
  [[nodiscard]] bool complete() const { return missing == 0 && failed == 0; }
};

struct RunSettings {
  Shard shard{};
  int threads = 1;
  bool retry_failed = false;
  const Store* resume = nullptr;  // what is done there is not run again
  std::function<bool()> stop{};   // true: begin no further point
  // Called after each point that was run, from any thread, one at a time.
  std::function<void(const Tally& so_far)> progress{};
};

// One point. What is the user's mistake, or ours that throws, is a failed row.
Row run_point(const Study& study, const Identity& identity, std::uint64_t number);

// Of the shard: done and failed are those that were run now; missing, those left by a stop. What `resume`
// has is in none of them.
Tally run_shard(const Study& study, const Identity& identity, ShardFile& file, const RunSettings& settings);

}  // namespace tideline::sweep
