// The arguments that every subcommand on a scenario shares.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "sim/base/overload.h"
#include "sim/finance/study.h"
#include "sim/pools/pools.h"
#include "sim/scenario/load.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/step_scenario.h"
#include "sim/sweep/study.h"

namespace tideline::tools {

struct ScenarioArguments {
  std::string file;
  std::vector<std::string> overrides;

  void add_to(CLI::App& command) {
    command.add_option("scenario", file, "scenario file (JSON); of several pools FILE#NAME is one alone")
        ->required();
    command.add_option("--set", overrides, "PATH=VALUE: override one value of the scenario; may be repeated")
        ->allow_extra_args(false);
  }
  [[nodiscard]] config::Document document() const { return scenario::load(file, overrides); }
  [[nodiscard]] scenario::Scenario read() const { return scenario::read(document()); }
  // Does `body`, which is about this file: a mistake that has no place of its own is told with its name.
  [[nodiscard]] int of_file(const auto& body) const {
    const auto placed = [&](const InputError& e) {
      std::vector<Problem> problems = e.problems();
      for (Problem& p : problems)
        if (p.file.empty()) p.file = file;
      return problems;
    };
    try {
      return body();
    } catch (const Overload& e) {
      throw Overload(placed(e));
    } catch (const InputError& e) {
      throw InputError(placed(e));
    }
  }
  // Of a day's or a step's scenario, of several pools, of books of volumes, or of a study: what it asks, and
  // how it was understood, which can be read anywhere.
  struct Understood {
    std::string question, standalone;
  };
  [[nodiscard]] Understood understand() const {
    const config::Document d = document();
    if (d.root().has("phase")) {
      const scenario::StepScenario s = scenario::read_step(d);
      return {s.question, d.standalone()};
    }
    if (d.root().has("volumes")) {
      const finance::Study s = finance::read_study(file, overrides);
      return {s.question, s.standalone};
    }
    if (d.root().has("base")) {
      const sweep::Study s = sweep::read_study(file, overrides);
      return {s.question, s.standalone};
    }
    if (pools::has_pools(d)) {
      const pools::Pools p = pools::read(d);
      return {p.question, p.standalone};
    }
    const scenario::Scenario s = scenario::read(d);
    return {s.question, s.standalone};
  }
};

}  // namespace tideline::tools
