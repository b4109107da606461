// Which points a process runs, from what the engine that started it says.
#include "sim/sweep/shard.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "tests/doctest.h"

namespace tideline::sweep {
namespace {

using Variables = std::map<std::string, std::string>;

Shard told(const Variables& variables, const std::string& wanted = "auto", std::uint64_t count = 0) {
  return read_shard(wanted, count, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

std::string refusal(const Variables& variables, const std::string& wanted = "auto", std::uint64_t count = 0) {
  try {
    (void)told(variables, wanted, count);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

void check(const Shard& s, std::uint64_t index, std::uint64_t count, const std::string& by) {
  CHECK(s.index == index);
  CHECK(s.count == count);
  CHECK(s.told_by == by);
}

TEST_CASE("n shards hold every point once, for n from 1 to 50") {
  constexpr std::uint64_t kPoints = 97;
  for (std::uint64_t n = 1; n <= 50; ++n) {
    std::vector<int> hits(kPoints);
    for (std::uint64_t i = 0; i < n; ++i) {
      const Shard s = read_shard(std::to_string(i) + "/" + std::to_string(n), 0, {});
      for (std::uint64_t k = 0; k < s.size(kPoints); ++k) ++hits.at(s.point(k));
    }
    CHECK(hits == std::vector<int>(kPoints, 1));
  }
}

TEST_CASE("more shards than points leave some with nothing to do") {
  CHECK(Shard{.index = 2, .count = 5, .told_by = ""}.size(3) == 1);
  CHECK(Shard{.index = 3, .count = 5, .told_by = ""}.size(3) == 0);
}

TEST_CASE("each engine is known by its variables, and named") {
  check(told({{"SLURM_ARRAY_TASK_ID", "7"},
              {"SLURM_ARRAY_TASK_COUNT", "4"},
              {"SLURM_ARRAY_TASK_MIN", "1"},
              {"SLURM_ARRAY_TASK_MAX", "7"},
              {"SLURM_ARRAY_TASK_STEP", "2"},
              {"SLURM_PROCID", "0"}}),  // every batch script has it
        3, 4, "Slurm array (SLURM_ARRAY_TASK_ID=7)");
  check(told({{"SLURM_PROCID", "3"}, {"SLURM_STEP_NUM_TASKS", "4"}, {"SLURM_STEP_ID", "0"}}), 3, 4,
        "Slurm step (SLURM_PROCID=3)");
  check(told({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "4"}}), 2, 4,
        "Open MPI (OMPI_COMM_WORLD_RANK=2)");
  check(told({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}), 1, 2, "MPI by PMI (MPICH, Intel MPI) (PMI_RANK=1)");
  check(told({{"JOB_COMPLETION_INDEX", "9"}}, "auto", 10), 9, 10,
        "Kubernetes Indexed Job (JOB_COMPLETION_INDEX=9)");
  check(told({{"AWS_BATCH_JOB_ARRAY_INDEX", "0"}, {"AWS_BATCH_JOB_ARRAY_SIZE", "8"}}), 0, 8,
        "AWS Batch array (AWS_BATCH_JOB_ARRAY_INDEX=0)");
  check(told({{"PBS_ARRAY_INDEX", "5"}}, "auto", 6), 5, 6, "PBS array (PBS_ARRAY_INDEX=5)");
  check(told({{"LSB_JOBINDEX", "4"}, {"LSB_JOBINDEX_END", "4"}, {"LSB_JOBINDEX_STEP", "1"}}), 3, 4,
        "LSF array (LSB_JOBINDEX=4)");
  check(told({{"SGE_TASK_ID", "10"},
              {"SGE_TASK_FIRST", "10"},
              {"SGE_TASK_LAST", "30"},
              {"SGE_TASK_STEPSIZE", "10"}}),
        0, 3, "Grid Engine array (SGE_TASK_ID=10)");
}

TEST_CASE("a step of several tasks in a Slurm array divides the task's part among them") {
  check(told({{"SLURM_ARRAY_TASK_ID", "1"},
              {"SLURM_ARRAY_TASK_COUNT", "3"},
              {"SLURM_ARRAY_TASK_MIN", "0"},
              {"SLURM_ARRAY_TASK_MAX", "2"},
              {"SLURM_STEP_ID", "0"},
              {"SLURM_PROCID", "1"},
              {"SLURM_STEP_NUM_TASKS", "2"}}),
        3, 6, "Slurm array (SLURM_ARRAY_TASK_ID=1) and Slurm step (SLURM_PROCID=1)");
}

TEST_CASE("no engine, or two of them, are refused") {
  CHECK(refusal({}) ==
        "--shard: error: no variable of an engine that starts many processes is set\n"
        "  say --shard i/n, with i from 0, or leave it out to run all points\n");
  // A batch script that was started without an array and without srun runs alone.
  CHECK(refusal({{"SLURM_JOB_ID", "12"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).find("no variable") !=
        std::string::npos);
  CHECK(refusal({{"LSB_JOBINDEX", "0"}, {"SGE_TASK_ID", "undefined"}}).find("no variable") !=
        std::string::npos);
  const Variables both = {{"OMPI_COMM_WORLD_RANK", "0"},
                          {"OMPI_COMM_WORLD_SIZE", "2"},
                          {"SLURM_ARRAY_TASK_ID", "0"},
                          {"SLURM_ARRAY_TASK_MIN", "0"},
                          {"SLURM_ARRAY_TASK_MAX", "3"}};
  CHECK(refusal(both) ==
        "--shard: error: variables of Slurm array and of Open MPI are set\n"
        "  say which counts: --shard slurm or --shard mpi\n");
  check(told(both, "mpi"), 0, 2, "Open MPI (OMPI_COMM_WORLD_RANK=0)");
  check(told(both, "slurm"), 0, 4, "Slurm array (SLURM_ARRAY_TASK_ID=0)");
}

TEST_CASE("what an engine says must be a shard") {
  CHECK(refusal({{"JOB_COMPLETION_INDEX", "1"}}) ==
        "--shard: error: Kubernetes Indexed Job says which process this is and not of how many\n"
        "  add --shards N\n");
  CHECK(refusal({{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "2"}}, "auto", 3) ==
        "--shard: error: Open MPI says that there are 2, and --shards 3\n");
  CHECK(refusal({{"PBS_ARRAY_INDEX", "6"}}, "auto", 6) ==
        "--shard: error: PBS_ARRAY_INDEX=6 where there are 6 shards, counted from 0\n");
  CHECK(refusal({{"PBS_ARRAY_INDEX", "x"}}, "auto", 6) ==
        "--shard: error: PBS_ARRAY_INDEX=x is not a whole number\n");
  // --array=0,7: two tasks, and numbers in between that no task has.
  CHECK(refusal({{"SLURM_ARRAY_TASK_ID", "7"},
                 {"SLURM_ARRAY_TASK_COUNT", "2"},
                 {"SLURM_ARRAY_TASK_MIN", "0"},
                 {"SLURM_ARRAY_TASK_MAX", "7"}}) ==
        "--shard: error: this Slurm array has 2 of the 8 numbers from 0 to 7\n"
        "  give it all of them, or say --shard $SLURM_ARRAY_TASK_ID/N for N of the whole\n");
}

TEST_CASE("a shard that is written wrongly is refused") {
  for (const char* const wrong : {"3/3", "/3", "1/", "a/b", "-1/3", "1/3/5", "0/0"})
    CHECK(refusal({}, wrong) ==
          "--shard: error: \"" + std::string(wrong) + "\" is no shard: wants i/n, with i from 0 to n - 1\n");
  CHECK(refusal({}, "slrm").find("engines: slurm, kubernetes") != std::string::npos);
}

}  // namespace
}  // namespace tideline::sweep
