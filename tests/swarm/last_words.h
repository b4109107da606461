// Which random case was under way when a program died of it: of a CHECK, of a sanitizer, of a signal.
#pragma once

#include <errno.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace tideline::swarm {

inline char last_words[512];

// From now on the program dies saying how to repeat case `number`.
inline void under_way(std::uint64_t number) {
  std::snprintf(last_words, sizeof last_words, "repeat it with: TIDELINE_SWARM=%llu %s\n",
                static_cast<unsigned long long>(number), program_invocation_name);
  const auto die = [](int signal) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, last_words, std::strlen(last_words));
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  };
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(signal, die);
}

}  // namespace tideline::swarm
