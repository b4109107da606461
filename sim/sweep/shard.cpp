#include "sim/sweep/shard.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include "sim/base/error.h"

namespace tideline::sweep {
namespace {

[[noreturn]] void refuse(std::string message, std::string suggestion = "") {
  throw InputError({.file = "--shard", .message = std::move(message), .suggestion = std::move(suggestion)});
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

// What an engine says, by the names of its variables. Names that are empty are not said by it.
struct Engine {
  std::string_view name, title;
  const char *number, *count;                      // of the process, and how many there are
  const char *first = "", *last = "", *step = "";  // of the numbers that an array goes through
  std::uint64_t first_is = 0;                      // where it does not say
  const char* only_with = "";                      // is set where the engine started this very process
};

constexpr std::array kEngines = {
    // sbatch --array; `srun` in it gives each of its tasks a part of the part.
    Engine{"slurm", "Slurm array", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN",
           "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"},
    // A batch script has SLURM_PROCID=0 too, and is not one of so many: only a step is.
    Engine{"slurm", "Slurm step", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "", "", "", 0, "SLURM_STEP_ID"},
    // An Indexed Job does not say how many it has.
    Engine{"kubernetes", "Kubernetes Indexed Job", "JOB_COMPLETION_INDEX", ""},
    Engine{"mpi", "Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    Engine{"pmi", "MPI by PMI (MPICH, Intel MPI)", "PMI_RANK", "PMI_SIZE"},
    Engine{"aws_batch", "AWS Batch array", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"},
    Engine{"pbs", "PBS array", "PBS_ARRAY_INDEX", ""},
    // 0 where the job is no array.
    Engine{"lsf", "LSF array", "LSB_JOBINDEX", "", "", "LSB_JOBINDEX_END", "LSB_JOBINDEX_STEP", 1},
    // "undefined" where the job is no array.
    Engine{"sge", "Grid Engine array", "SGE_TASK_ID", "", "SGE_TASK_FIRST", "SGE_TASK_LAST",
           "SGE_TASK_STEPSIZE", 1}};

class Ears {
 public:
  Ears(const Environment& environment, std::uint64_t count) : environment_(environment), count_(count) {}

  [[nodiscard]] bool hears(const Engine& e) const {
    const auto number = environment_(e.number);
    if (!number || number->empty() || *number == "undefined") return false;
    if (e.name == "lsf" && *number == "0") return false;
    return *e.only_with == '\0' || environment_(e.only_with).has_value();
  }

  [[nodiscard]] Shard shard(const Engine& e) const {
    const std::uint64_t number = value(e.number).value_or(0), step = value(e.step).value_or(1);
    const std::uint64_t first = value(e.first).value_or(e.first_is);
    const auto last = value(e.last), said = value(e.count);
    if (number < first || step == 0 || (number - first) % step != 0 || (last && number > *last))
      refuse(fmt::format("{}={} is none of the numbers that the array goes through", e.number, number));
    Shard s{.index = (number - first) / step, .count = 0, .told_by = ""};
    if (last) s.count = (*last - first) / step + 1;
    if (last && said && *said != s.count)
      refuse(fmt::format("this {} has {} of the {} numbers from {} to {}", e.title, *said, s.count, first,
                         *last),
             fmt::format("give it all of them, or say --shard ${}/N for N of the whole", e.number));
    if (!last) s.count = said.value_or(count_);
    if (s.count == 0)
      refuse(fmt::format("{} says which process this is and not of how many", e.title), "add --shards N");
    if (count_ > 0 && count_ != s.count)
      refuse(fmt::format("{} says that there are {}, and --shards {}", e.title, s.count, count_));
    if (s.index >= s.count)
      refuse(
          fmt::format("{}={} where there are {} shards, counted from {}", e.number, number, s.count, first));
    s.told_by = fmt::format("{} ({}={})", e.title, e.number, number);
    return s;
  }

 private:
  [[nodiscard]] std::optional<std::uint64_t> value(const char* name) const {
    if (*name == '\0') return std::nullopt;
    const auto text = environment_(name);
    if (!text || text->empty()) return std::nullopt;
    const auto n = whole_number(*text);
    if (!n) refuse(fmt::format("{}={} is not a whole number", name, *text));
    return n;
  }

  const Environment& environment_;
  std::uint64_t count_;
};

// A step in an array, or steps alone: parts of parts.
Shard within(const Shard& outer, const Shard& inner) {
  return {.index = outer.index * inner.count + inner.index,
          .count = outer.count * inner.count,
          .told_by = outer.told_by + " and " + inner.told_by};
}

Shard told(const std::string& wanted, std::uint64_t count, const Environment& environment) {
  const Ears any(environment, count);
  std::vector<const Engine*> heard;
  bool known = wanted == "auto";
  for (const Engine& e : kEngines) {
    known = known || e.name == wanted;
    if ((wanted == "auto" || e.name == wanted) && any.hears(e)) heard.push_back(&e);
  }
  if (!known)
    refuse(fmt::format("\"{}\" is neither i/n, with i from 0 to n - 1, nor auto, nor an engine", wanted),
           "engines: slurm, kubernetes, mpi, pmi, aws_batch, pbs, lsf, sge");
  if (heard.empty())
    refuse(fmt::format("no variable of {} is set",
                       wanted == "auto" ? "an engine that starts many processes" : wanted),
           "say --shard i/n, with i from 0, or leave it out to run all points");
  for (const Engine* e : heard)
    if (e->name != heard.front()->name)
      refuse(fmt::format("variables of {} and of {} are set", heard.front()->title, e->title),
             fmt::format("say which counts: --shard {} or --shard {}", heard.front()->name, e->name));
  const bool both = heard.size() == 2;  // an array, and a step in it
  const Ears own(environment, both ? 0 : count);
  Shard s = own.shard(*heard.front());
  if (both) s = within(s, own.shard(*heard.back()));
  return s;
}

}  // namespace

Shard read_shard(const std::string& wanted, std::uint64_t count, const Environment& environment) {
  const std::size_t slash = wanted.find('/');
  if (slash == std::string::npos) return told(wanted, count, environment);
  const auto index = whole_number(std::string_view(wanted).substr(0, slash));
  const auto of = whole_number(std::string_view(wanted).substr(slash + 1));
  if (!index || !of || *index >= *of)
    refuse(fmt::format("\"{}\" is no shard: wants i/n, with i from 0 to n - 1", wanted));
  if (count > 0 && count != *of) refuse(fmt::format("--shard {} is not of --shards {}", wanted, count));
  return {.index = *index, .count = *of, .told_by = ""};
}

}  // namespace tideline::sweep
