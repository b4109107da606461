// Which points of a study one process runs: every count-th, from its index on. Engines that start many
// processes tell each its number in the environment; what they say is read here, and never guessed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace tideline::sweep {

struct Shard {
  std::uint64_t index = 0, count = 1;  // index below count
  std::string told_by;                 // "Slurm array (SLURM_ARRAY_TASK_ID=7)", or empty

  // Of `points` points, how many are its own.
  [[nodiscard]] std::uint64_t size(std::uint64_t points) const {
    return points > index ? (points - index + count - 1) / count : 0;
  }
  [[nodiscard]] std::uint64_t point(std::uint64_t n) const { return index + n * count; }
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// `wanted`: "i/n" with i from 0; "auto", which takes the one engine whose variables are set; or an engine by
// name (slurm, kubernetes, mpi, pmi, aws_batch, pbs, lsf, sge). `count`: of engines that tell a process its
// number and not how many there are; 0 where nobody said. Fails: InputError where no engine, or more than
// one, has said anything, and where what one says is no shard.
Shard read_shard(const std::string& wanted, std::uint64_t count, const Environment& environment);

}  // namespace tideline::sweep
