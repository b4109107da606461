// tideline sweep emit ENGINE STUDY: the script that runs a study on an engine and merges it.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "sim/sweep/emit.h"
#include "sim/sweep/study.h"
#include "tools/sweep.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

namespace fs = std::filesystem;

struct Engine {
  const char *name, *what;
  std::string (*emit)(const sweep::Emitted&);
};

constexpr std::array kEngines = {
    Engine{"slurm", "an array of tasks and a merge after them", sweep::emit_slurm},
    Engine{"k8s", "an Indexed Job of Kubernetes", sweep::emit_k8s},
    Engine{"parallel", "GNU parallel, here or over ssh", sweep::emit_parallel},
    Engine{"mpi", "the ranks of mpirun", sweep::emit_mpi},
};

struct EmitArguments : SweepArguments {
  std::string program = fs::read_symlink("/proc/self/exe").string();
  sweep::Emitted with;
};

int emit(EmitArguments a, const Engine& engine) {
  const sweep::Study study = sweep::read_study(a.study);
  sweep::Emitted& e = a.with;
  e.program = a.program;
  e.study = fs::absolute(a.study).lexically_normal().string();
  e.folder = fs::absolute(a.folder()).lexically_normal().string();
  e.result = fs::absolute(a.database()).lexically_normal().string();
  e.name = a.name();
  e.points = study.points();
  const std::string script = engine.emit(e);
  std::fwrite(script.data(), 1, script.size(), stdout);
  return kOk;
}

}  // namespace

void add_sweep_emit(CLI::App& sweep, int& exit_code) {
  CLI::App* emitter = sweep.add_subcommand("emit", "print the script that runs a study on an engine");
  emitter->require_subcommand(1);
  for (const Engine& engine : kEngines) {
    auto a = std::make_shared<EmitArguments>();
    CLI::App* command = emitter->add_subcommand(engine.name, engine.what);
    a->add_to(*command);
    command->add_option("--to", a->to, "merged database (default: points.sqlite in the folder)");
    command->add_option("--shards", a->with.shards, "tasks (default: one for each 16 points, at most 1,000)")
        ->check(CLI::Range(std::uint64_t{1}, sweep::kShardsMax));
    command->add_option("--threads", a->with.threads, "of each")->check(CLI::Range(1, 1024));
    command->add_option("--program", a->program, "tideline, as it is called there (default: this one)");
    if (std::string(engine.name) == "k8s") {
      command->add_option("--image", a->with.image, "of the container")->capture_default_str();
      command->add_option("--claim", a->with.claim, "of the volume")->capture_default_str();
    }
    command->callback([a, &engine, &exit_code] { exit_code = emit(*a, engine); });
  }
}

}  // namespace tideline::tools
