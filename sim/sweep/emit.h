// Scripts that run a study on an engine that the user already has. We schedule nothing ourselves.
#pragma once

#include <cstdint>
#include <string>

namespace tideline::sweep {

struct Emitted {
  std::string program;        // as the script is to call it
  std::string study, folder;  // of the points as they come
  std::string result;         // merged database
  std::string name;           // of jobs
  std::uint64_t points = 0;
  std::uint64_t shards = 0;  // 0: as many as suit the engine
  int threads = 1;           // of each
  // Of kubernetes: of the container, of the volume claimed.
  std::string image = "tideline", claim = "tideline-sweep";
};

// A Slurm array has at most MaxArraySize - 1 tasks, and that is 1001 where nobody raised it.
inline constexpr std::uint64_t kShardsMax = 1000;
// Fewer points a task are mostly the turn-round of the engine (a second or two a task).
inline constexpr std::uint64_t kPointsPerTask = 16;

std::string emit_slurm(const Emitted& e);
std::string emit_k8s(const Emitted& e);
std::string emit_parallel(const Emitted& e);
std::string emit_mpi(const Emitted& e);

}  // namespace tideline::sweep
