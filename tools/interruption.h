// SIGINT and SIGTERM: the program takes away the file that it was writing, says in one line how far it was,
// and exits 130 or 143. A thread of its own waits for them, so that no work has to ask whether it should
// stop.
#pragma once

#include <filesystem>
#include <string>

namespace tideline::tools {

// Begins to wait. REQUIRES: no other thread yet. A signal that was ignored from the start stays ignored.
void watch_for_interruption();

// What is to be said of how far it is: "at 37.2 % of the day". From any thread.
void how_far(std::string progress);

// A file that is to be taken away on an interruption, until it is released.
void guard_file(const std::filesystem::path& file);
void release_file(const std::filesystem::path& file);

}  // namespace tideline::tools
