// A study: one scenario, what is varied in it and by which design, how often each is repeated, and the
// numbers to keep. A point is a function of the study and its number alone; there is no table of points.
//
// 1. Number = (configuration x seeds + seed) x replications + replication: those of one configuration lie
//    side by side, so that shards that take turns have equal parts of everything.
// 2. Replication r is the scenario's own replication r in every configuration (`replication` in the scenario,
//    from which they are counted): all meet the same requests, so that a difference between two of them is
//    theirs and not the luck of the draw.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/sampling/sobol.h"
#include "sim/sweep/axis.h"

namespace tideline::sweep {

enum class Design {
  kGrid,            // every combination, the last axis fastest
  kList,            // the k-th values of all axes together
  kLatinHypercube,  // drawn; each of as many slices of each axis holds one point
  kSobol,           // a Sobol sequence under a drawn digital shift
};

inline constexpr std::uint64_t kPointsMax = 100'000'000;

struct Study {
  std::string file, question;
  std::string base;              // path of the scenario
  std::vector<std::string> set;  // what every point has: "path=value"
  config::Document scenario;     // with that, and nothing asked of it yet
  std::string standalone;        // the study, canonical, defaults written back, names of files absolute
  std::string base_effective;    // the scenario with that, canonical, defaults written back
  std::vector<std::string> files;  // that the scenario names, such as a trace
  Design design = Design::kGrid;
  std::uint64_t draw_seed = 1;  // of the design
  std::uint64_t configurations = 1;
  std::vector<Axis> axes;
  std::vector<std::int64_t> seeds;  // of the scenario; empty: its own
  std::uint64_t replications = 1;
  std::vector<std::string> metrics;
  std::shared_ptr<const sampling::Sobol> sobol;  // where it is the design

  [[nodiscard]] std::uint64_t points() const {
    return configurations * (seeds.empty() ? 1 : seeds.size()) * replications;
  }
};

// Reads the study, with what `overrides` set in it, and tries what it varies on the scenario. Throws
// InputError with every mistake: nothing runs of a study that has one.
Study read_study(const std::string& file, const std::vector<std::string>& overrides = {});
// The same without the scenario, of which nothing is then known: `base_effective` is empty.
Study read_form(const config::Document& document, const std::string& file);

struct Point {
  std::uint64_t number = 0;
  std::vector<Value> inputs;  // by axis
  std::optional<std::int64_t> seed;
  std::uint32_t replication = 0;
};

// REQUIRES: number < study.points(). Cost: some 100 ns an axis.
Point point(const Study& study, std::uint64_t number);

// What --set would take to make the scenario this point.
std::vector<std::string> overrides(const Study& study, const Point& point);
// Of these, what is not set in all points.
std::vector<std::string> changes(const Study& study, const Point& point);
// What --set would take to make `tideline run` of the scenario this point: overrides() and the replication.
std::vector<std::string> run_overrides(const Study& study, const Point& point);

}  // namespace tideline::sweep
