// tideline: from a scenario file to throughput, latency, nodes, cost and margin.
#include <cstdio>
#include <exception>
#include <new>

#include "sim/base/overload.h"
#include "tools/interruption.h"
#include "tools/tideline.h"

namespace {

using namespace tideline;

int run(int argc, char** argv) {
  tools::watch_for_interruption();
  CLI::App program{"tideline: simulate the serving of large mixture-of-experts models"};
  program.require_subcommand(1);
  program.set_version_flag("--version", TIDELINE_VERSION);
  int exit_code = tools::kOk;
  tools::add_run(program, exit_code);
  tools::add_layouts(program, exit_code);
  tools::add_plan(program, exit_code);
  tools::add_sweep(program, exit_code);
  tools::add_compare(program, exit_code);
  tools::add_finance(program, exit_code);
  tools::add_step(program, exit_code);
  tools::add_ablate(program, exit_code);
  tools::add_report(program, exit_code);
  tools::add_explain(program, exit_code);
  tools::add_export(program, exit_code);
  tools::add_check(program, exit_code);
  tools::add_show(program, exit_code);
  tools::add_list(program, exit_code);
  tools::add_schema(program, exit_code);
  tools::add_completion(program, exit_code);
  tools::add_man(program, exit_code);
  tools::add_calibrate(program, exit_code);
  tools::add_validate(program, exit_code);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return program.exit(e) == 0 ? tools::kOk : tools::kBadInput;
  } catch (const Overload& e) {
    std::fputs(e.what(), stderr);
    return tools::kInfeasible;
  } catch (const InputError& e) {
    std::fputs(e.what(), stderr);
    return tools::kBadInput;
  } catch (const std::bad_alloc&) {
    std::fputs("tideline: error: this wants more memory than there is\n", stderr);
    return tools::kBadInput;
  } catch (const std::exception& e) {
    if (std::ferror(stdout) != 0) return tools::kBadInput;  // fmt throws, and main() says it
    std::fprintf(stderr, "tideline: internal error: %s\n", e.what());
    return tools::kOurBug;
  }
  return exit_code;
}

}  // namespace

// What was said and reached nobody, as on a full disk, is no answer.
int main(int argc, char** argv) {
  const int exit_code = run(argc, argv);
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
  std::fputs("stdout: error: cannot be written\n", stderr);
  return tools::kBadInput;
}
