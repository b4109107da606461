// The subcommands of the program: one file each, all of the same form.
#pragma once

#include <CLI/CLI.hpp>

namespace tideline::tools {

// Exit codes, the same for every subcommand.
enum ExitCode : int {
  kOk = 0,
  kOurBug = 1,
  kBadInput = 2,
  kInfeasible = 3,
  kThresholdFailed = 4,
  kIncomplete = 5,  // of a study: points are missing or failed
  kResumable = 75,  // stopped in good order: start it again to go on
};

// Adds the subcommand to the program; its callback stores the exit code.
void add_run(CLI::App& program, int& exit_code);
void add_ablate(CLI::App& program, int& exit_code);
void add_check(CLI::App& program, int& exit_code);
void add_show(CLI::App& program, int& exit_code);
void add_explain(CLI::App& program, int& exit_code);
void add_export(CLI::App& program, int& exit_code);
void add_compare(CLI::App& program, int& exit_code);
void add_finance(CLI::App& program, int& exit_code);
void add_step(CLI::App& program, int& exit_code);
void add_report(CLI::App& program, int& exit_code);
void add_layouts(CLI::App& program, int& exit_code);
void add_plan(CLI::App& program, int& exit_code);
void add_sweep(CLI::App& program, int& exit_code);
void add_list(CLI::App& program, int& exit_code);
void add_schema(CLI::App& program, int& exit_code);
void add_completion(CLI::App& program, int& exit_code);
void add_man(CLI::App& program, int& exit_code);
void add_calibrate(CLI::App& program, int& exit_code);
// Of `calibrate`.
void add_calibrate_import(CLI::App& calibrate, int& exit_code);
void add_validate(CLI::App& program, int& exit_code);
// Below `calibrate`.
void add_calibrate_inspect(CLI::App& calibrate, int& exit_code);
void add_calibrate_compare(CLI::App& calibrate, int& exit_code);

}  // namespace tideline::tools
