// tideline-profile: times the kernels of a layer on this machine's GPU; see README.md.
#include <cstdio>
#include <exception>

#include "calib/profile/arguments.h"
#include "calib/profile/cuda/check.h"
#include "calib/profile/cuda/session.h"
#include "calib/profile/journal.h"
#include "calib/profile/schedule.h"

namespace {

enum ExitCode { kOk = 0, kOurBug = 1, kBadInput = 2, kUnavailable = 3 };

int fail(ExitCode code, const char* what) {
  std::fprintf(stderr, "tideline-profile: %s\n", what);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tideline::profile;
  try {
    const Arguments arguments = parse_arguments({argv + 1, argv + argc});
    if (arguments.help) return std::fputs(kHelp, stdout), kOk;
    if (arguments.list) return std::fputs(describe_families().c_str(), stdout), kOk;
    if (arguments.dry_run)
      return std::fputs(describe_plan(plan_sweep(arguments.families), arguments.budget_s).c_str(), stdout),
             kOk;
    return run_session(arguments);
  } catch (const UsageError& e) {
    return fail(kBadInput, e.what());
  } catch (const Unavailable& e) {
    return fail(kUnavailable, e.what());
  } catch (const std::exception& e) {
    return fail(kOurBug, e.what());
  }
}
