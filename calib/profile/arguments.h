// The command line of tideline-profile.
#pragma once

#include <string>
#include <vector>

namespace tideline::profile {

struct Arguments {
  std::vector<std::string> families;  // empty: all
  double budget_s = 0;                // 0: no limit
  std::string out, resume;            // out is "-" (standard output) unless one of the two names a file
  int device = 0;
  bool list = false, dry_run = false, help = false;
};

extern const char* const kHelp;

// Fails: UsageError (journal.h), one line that says what was found and what is wanted.
Arguments parse_arguments(const std::vector<std::string>& words);

}  // namespace tideline::profile
