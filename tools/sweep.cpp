// tideline sweep plan | run | status | merge | emit STUDY: many runs of one scenario, on this machine or on
// many.
#include "tools/sweep.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include "sim/report/numbers.h"
#include "sim/sweep/merge.h"
#include "tools/from_zero.h"
#include "tools/output_files.h"
#include "tools/status_line.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

struct RunArguments : SweepArguments {
  std::string shard;
  std::uint64_t shards = 0;
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  bool resume = false, retry_failed = false, quiet = false;
};

// "1 point", "1,000 points".
std::string many(std::uint64_t n, const char* what) {
  return fmt::format("{} {}{}", report::grouped(static_cast<double>(n)), what, n == 1 ? "" : "s");
}
std::string points(std::uint64_t n) {
  return many(n, "point");
}

// "12 of 100 points, 1 failed, 3.4 a second, about 26 s to go", five times a second.
class SweepProgress {
 public:
  explicit SweepProgress(bool visible) : visible_(visible) {}
  void show(const sweep::Tally& t) {
    const std::uint64_t run = t.done + t.failed;
    how_far(fmt::format("after {} of {}", run, points(t.all())));
    const auto now = Clock::now();
    if (!visible_ || now - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = now;
    const double rate = static_cast<double>(run) / std::chrono::duration<double>(now - began_).count();
    line_.show(fmt::format("{} of {}{}, {:.3g} a second, about {:.0f} s to go", run, points(t.all()),
                           t.failed > 0 ? fmt::format(", {} failed", t.failed) : "", rate,
                           static_cast<double>(t.missing) / rate));
  }
  void clear() const {
    if (visible_) line_.clear();
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool visible_;
  StatusLine line_;
  Clock::time_point began_ = Clock::now(), shown_ = began_;
};

std::optional<std::string> environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

int run(const RunArguments& a) {
  const sweep::Study study = sweep::read_study(a.study);
  sweep::RunSettings settings{.threads = a.threads, .retry_failed = a.retry_failed, .progress = {}};
  if (!a.shard.empty()) settings.shard = sweep::read_shard(a.shard, a.shards, environment);
  const sweep::Shard& shard = settings.shard;
  if (!a.quiet && !shard.told_by.empty())
    fmt::print(stderr, "shard {}/{} by {}\n", shard.index, shard.count, shard.told_by);

  const sweep::Identity identity = sweep::identity_of(study);
  const bool resume = a.resume || a.retry_failed;
  const sweep::Store before = resume ? sweep::Store::read(a.folder()) : sweep::Store{};
  if (resume) settings.resume = &before;
  sweep::ShardFile file(a.folder(), study, identity, shard);
  static std::atomic<int> signal{0};
  stop_in_good_order(signal);
  settings.stop = [] { return signal.load() != 0; };
  SweepProgress progress(!a.quiet && isatty(STDERR_FILENO) != 0);
  settings.progress = [&](const sweep::Tally& t) { progress.show(t); };
  const sweep::Tally t = sweep::run_shard(study, identity, file, settings);
  progress.clear();
  const std::uint64_t before_us = shard.size(study.points()) - t.all();
  if (!a.quiet)
    fmt::print(stderr, "{} run{}{}{}: {}\n", points(t.done + t.failed),
               t.failed > 0 ? fmt::format(", {} failed", t.failed) : "",
               before_us > 0 ? fmt::format(", {} were there", before_us) : "",
               t.missing > 0 ? fmt::format(", {} left", t.missing) : "", a.folder());
  if (t.missing == 0) return kOk;
  return signal.load() == SIGINT ? 128 + SIGINT : kResumable;
}

int say(const sweep::Count& c, const sweep::Store& store) {
  const sweep::Tally& t = c.tally;
  fmt::print("{}: {} done, {} failed, {} missing\n", points(t.all()),
             report::grouped(static_cast<double>(t.done)), report::grouped(static_cast<double>(t.failed)),
             report::grouped(static_cast<double>(t.missing)));
  for (const auto& [message, f] : c.failures)
    fmt::print("  {} failed, such as {}: {}\n", points(f.points), f.example, message);
  if (store.torn() > 0)
    fmt::print("  {} dropped: their writers were stopped in the middle\n", many(store.torn(), "torn line"));
  if (c.others > 0)
    fmt::print("  {} of another program, other facts, or another form of the study\n", many(c.others, "row"));
  return t.complete() ? kOk : kIncomplete;
}

int status(const SweepArguments& a) {
  const sweep::Study study = sweep::read_study(a.study);
  const sweep::Store store = sweep::Store::read(a.folder());
  return say(sweep::count(study, sweep::identity_of(study), store), store);
}

int merge(const SweepArguments& a) {
  const sweep::Study study = sweep::read_study(a.study);
  const sweep::Store store = sweep::Store::read(a.folder());
  write_all(folder_of(a.database()), {});
  NewFile file(a.database());
  const sweep::Count c = sweep::merge(study, sweep::identity_of(study), store, file.part().string());
  file.finish();
  fmt::print("{}\n", a.database());
  return say(c, store);
}

struct PlanArguments : SweepArguments {
  std::optional<std::uint64_t> point;
};

int plan(const PlanArguments& a) {
  const sweep::Study study = sweep::read_study(a.study);
  if (a.point) {
    if (*a.point >= study.points())
      throw InputError({.file = "--point",
                        .message = fmt::format("there are {}, counted from 0", points(study.points()))});
    const sweep::Point p = sweep::point(study, *a.point);
    fmt::print("tideline run {}", study.base);
    for (const std::string& o : sweep::run_overrides(study, p)) fmt::print(" --set '{}'", o);
    fmt::print("\n");
    return kOk;
  }
  fmt::print("{}\n{}", study.question, points(study.points()));
  fmt::print(": {} configurations", study.configurations);
  if (!study.seeds.empty()) fmt::print(" x {} seeds", study.seeds.size());
  if (study.replications > 1) fmt::print(" x {} replications", study.replications);
  fmt::print("\n");
  for (const sweep::Axis& axis : study.axes) {
    const bool drawn = axis.count == 0;
    fmt::print("  {:<40} {}{} to {}\n", axis.column(), drawn ? "" : fmt::format("{} values, ", axis.count),
               drawn ? axis.value_at(0.0).json : axis.value(0).json,
               drawn ? axis.value_at(1.0).json : axis.value(axis.count - 1).json);
  }
  fmt::print("keeps {}\n", fmt::join(study.metrics, ", "));
  return kOk;
}

void add_run_of(CLI::App& sweep, int& exit_code) {
  auto a = std::make_shared<RunArguments>();
  CLI::App* command = sweep.add_subcommand("run", "run the points, or a shard of them");
  a->add_to(*command);
  command->add_option(
      "--shard", a->shard,
      "i/n, every n-th point from i; auto, as the engine that started this says; or its name");
  command->add_option("--shards", a->shards, "how many, for an engine that does not say")
      ->check(CLI::PositiveNumber);
  command->add_option("--threads", a->threads, "points side by side; results are the same for any number")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--resume", a->resume, "leave out what is there, whoever ran it");
  command->add_flag("--retry-failed", a->retry_failed, "the same, but run failed points again");
  command->add_flag("--quiet", a->quiet, "nothing on stderr");
  command->callback([a, &exit_code] { exit_code = run(*a); });
}

template <class Arguments>
std::shared_ptr<Arguments> add_verb(CLI::App& sweep, const char* name, const char* what, int& exit_code,
                                    int (*verb)(const Arguments&), CLI::App** added = nullptr) {
  auto a = std::make_shared<Arguments>();
  CLI::App* const command = sweep.add_subcommand(name, what);
  a->add_to(*command);
  command->callback([a, verb, &exit_code] { exit_code = verb(*a); });
  if (added) *added = command;
  return a;
}

}  // namespace

void add_sweep(CLI::App& program, int& exit_code) {
  CLI::App* sweep = program.add_subcommand(
      "sweep", "many runs of one scenario, on this machine or on many: a table of inputs and results");
  sweep->require_subcommand(1);
  CLI::App* command = nullptr;
  const auto planned =
      add_verb<PlanArguments>(*sweep, "plan", "how many points, and which", exit_code, plan, &command);
  command->add_option("--point", planned->point, "the command that runs this one alone")->check(from_zero());
  add_run_of(*sweep, exit_code);
  add_verb<SweepArguments>(*sweep, "status", "how many points are done, failed and missing", exit_code,
                           status);
  const auto merged =
      add_verb<SweepArguments>(*sweep, "merge", "results as one SQLite database", exit_code, merge, &command);
  command->add_option("--to", merged->to, "database (default: points.sqlite in the folder)");
  add_sweep_emit(*sweep, exit_code);
}

}  // namespace tideline::tools
