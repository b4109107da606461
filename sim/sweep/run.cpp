#include "sim/sweep/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "sim/base/memo.h"
#include "sim/base/overload.h"
#include "sim/parallel/for_each_index.h"
#include "sim/report/metrics.h"
#include "sim/scenario/result.h"

namespace tideline::sweep {
namespace {

// Exit codes of `tideline run`.
constexpr int kOk = 0, kOurBug = 1, kBadInput = 2, kInfeasible = 3, kThresholdFailed = 4;

// Replications of a configuration are run side by side, and are one scenario: reading it is half a
// millisecond.
std::shared_ptr<const scenario::Scenario> scenario_of(const Study& study, const Point& p) {
  constexpr std::size_t kScenariosMax = 32;  // some 100 kB each
  static Memo<scenario::Scenario> known(kScenariosMax);
  return known.get(fmt::format("{}\n{}", study.base, fmt::join(overrides(study, p), "\n")),
                   [&] { return scenario::read(study.scenario.with(changes(study, p))); });
}

std::string first_of(const InputError& e) {
  const Problem& p = e.problems().front();
  return p.pointer.empty() ? p.message : fmt::format("{}: {}", p.pointer, p.message);
}

bool same_number(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

// Of two rows of a key: they may keep different numbers, but none differently.
bool agree(const StoredRow& a, const StoredRow& b) {
  return a.code == b.code && std::ranges::all_of(a.metrics, [&](const auto& metric) {
           const auto other = b.metrics.find(metric.first);
           return other == b.metrics.end() || same_number(metric.second, other->second);
         });
}

bool has_all(const StoredRow& row, const Study& study) {
  return std::ranges::all_of(study.metrics, [&](const std::string& m) { return row.metrics.contains(m); });
}

}  // namespace

Standing standing(const Store& store, const Study& study, const Key& key) {
  Standing s;
  const Store::Range entries = store.find(key);
  std::optional<StoredRow> first;
  for (const Entry& e : entries) {
    StoredRow row = store.row(e);
    if (e.failed) {
      if (s.state == Standing::State::kMissing) s = {Standing::State::kFailed, std::move(row)};
      continue;
    }
    if (first && !agree(*first, row))
      throw InputError({.file = store.place(e),
                        .message = fmt::format("point {} was done before with another result, at {}",
                                               hex(key), store.place(*entries.begin())),
                        .suggestion =
                            "the same program and scenario give the same bytes: a machine or a disk "
                            "is broken, or the program has a fault"});
    if (!first) first = row;
    if (s.state != Standing::State::kDone && has_all(row, study))
      s = {Standing::State::kDone, std::move(row)};
  }
  return s;
}

Row run_point(const Study& study, const Identity& identity, std::uint64_t number) {
  const Point p = point(study, number);
  Row row{.point = number, .key = key_of(study, identity, p), .message = ""};
  try {
    const report::Metrics metrics(study.metrics);
    const auto scenario = scenario_of(study, p);
    const scenario::Result result = scenario::run(
        *scenario,
        {.replication = p.replication, .threads = 1, .bands = metrics.need_bands(), .progress = {}});
    row.metrics = metrics.of(result);
    row.code = result.saturated() ? kInfeasible : result.slo_holds() ? kOk : kThresholdFailed;
  } catch (const Overload& e) {
    row.status = Status::kFailed, row.code = kInfeasible, row.message = first_of(e);
  } catch (const InputError& e) {
    row.status = Status::kFailed, row.code = kBadInput, row.message = first_of(e);
  } catch (const std::exception& e) {
    row.status = Status::kFailed, row.code = kOurBug, row.message = e.what();
  }
  return row;
}

Tally run_shard(const Study& study, const Identity& identity, ShardFile& file, const RunSettings& settings) {
  using State = Standing::State;
  const auto wanted = [&](std::uint64_t number) {
    if (!settings.resume) return true;
    const State state =
        standing(*settings.resume, study, key_of(study, identity, point(study, number))).state;
    return state == State::kMissing || (state == State::kFailed && settings.retry_failed);
  };
  const std::uint64_t size = settings.shard.size(study.points());
  Tally tally;
  for (std::uint64_t n = 0; n < size; ++n) tally.missing += wanted(settings.shard.point(n)) ? 1 : 0;
  std::mutex guard;
  parallel::for_each_index(size, settings.threads, [&](std::size_t n) {
    if (settings.stop && settings.stop()) return;
    const std::uint64_t number = settings.shard.point(n);
    if (!wanted(number)) return;
    const Row row = run_point(study, identity, number);
    file.append(line_of(row, study.metrics));
    const std::lock_guard lock(guard);
    ++(row.status == Status::kDone ? tally.done : tally.failed);
    --tally.missing;
    if (settings.progress) settings.progress(tally);
  });
  return tally;
}

}  // namespace tideline::sweep
