// SIGINT, SIGTERM and SIGUSR1: the program takes away the file that it was writing, says in one line how far
// it was, and exits 130, 143 or 138. A thread of its own waits for them, so that no work has to ask whether
// it should stop; work that can stop in good order asks, and is left the time for it.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

namespace tideline::tools {

// Begins to wait. REQUIRES: no other thread yet. A signal that was ignored from the start stays ignored.
void watch_for_interruption();

// From now on the first signal is stored there, and the work is expected to end soon. A second SIGINT ends
// it: somebody has pressed Ctrl-C twice. Schedulers send one signal after another, and mean the same.
// REQUIRES: `signal` is 0, and lives as long as the program.
void stop_in_good_order(std::atomic<int>& signal);

// What is to be said of how far it is: "at 37.2 % of the day". From any thread.
void how_far(std::string progress);

// A file that is to be taken away on an interruption, until it is released.
void guard_file(const std::filesystem::path& file);
void release_file(const std::filesystem::path& file);

}  // namespace tideline::tools
