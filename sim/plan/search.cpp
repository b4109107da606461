#include "sim/plan/search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "sim/parallel/for_each_index.h"

namespace tideline::plan {
namespace {

std::int64_t part_of(std::int64_t units, double share) {
  return std::llround(static_cast<double>(units) * share);
}

}  // namespace

Search::Search(Trials& trials, Phase side, std::int64_t units_max, std::vector<Load> loads,
               std::vector<std::int64_t> other)
    : trials_(trials),
      side_(side),
      units_max_(units_max),
      loads_(std::move(loads)),
      other_(std::move(other)),
      order_(loads_.size()),
      needs_(loads_.size()) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::ranges::stable_sort(order_, {}, [this](std::size_t i) { return loads_[i].rate; });
}

std::vector<Need> Search::run(const Progress& progress) {
  progress_ = progress;
  const int threads = trials_.threads();
  const std::size_t first = order_.front(), last = order_.back();
  Known known;
  solve(last, trials_.steady() ? trials_.estimate(loads_[last]).of(side_) : 1, known, threads);
  // Steady: the most load cannot be held, and that is the answer.
  if (trials_.steady() && needs_[last].units == 0) return needs_;
  if (first != last) {
    const double share = trials_.steady() ? loads_[first].rate / loads_[last].rate : 1.0;
    solve(first, part_of(needs_[last].units, share), known, threads);
  }
  between(0, order_.size() - 1, known, threads);
  return needs_;
}

// Loads between two that are known.
void Search::between(std::size_t low, std::size_t high, Known known, int threads) {
  if (high - low < 2) return;
  const std::int64_t fewer = needs_[order_[low]].units, more = needs_[order_[high]].units;
  if (trials_.steady() && fewer == more) {
    for (std::size_t i = low + 1; i < high; ++i) solve(order_[i], more, known, threads);  // without a trial
    return;
  }
  const std::size_t middle = (low + high) / 2;
  const auto rate = [this](std::size_t i) { return loads_[order_[i]].rate; };
  const double share = trials_.steady() ? (rate(middle) - rate(low)) / (rate(high) - rate(low)) : 0.5;
  solve(order_[middle], fewer + part_of(more - fewer, share), known, threads);
  parallel::for_each_index(2, trials_.threads(), [&](std::size_t upper) {
    between(upper ? middle : low, upper ? high : middle, known, 1);
  });
}

void Search::solve(std::size_t load, std::int64_t guess, Known& known, int threads) {
  if (!trials_.steady()) known.clear();
  std::int64_t fails = 0, holds_with = 0;  // 0: not known
  std::int64_t step = 1;
  for (std::int64_t units = std::clamp<std::int64_t>(guess, 1, units_max_); holds_with == 0;) {
    if (holds(load, units, known, threads)) {
      holds_with = units;
    } else {
      fails = units;
      if (units == units_max_) break;
      units = std::min(units + step, units_max_);
      step *= 2;
    }
  }
  std::int64_t next = step = 1;
  for (; holds_with - fails > 1; step = std::exchange(next, step + next)) {
    // Down in growing steps (1, 1, 2, 3, 5) until something fails, then by halves.
    const std::int64_t units =
        fails == 0 ? std::max<std::int64_t>(holds_with - step, 1) : (fails + holds_with) / 2;
    (holds(load, units, known, threads) ? holds_with : fails) = units;
  }
  needs_[load] = need(load, holds_with, known);
  const std::lock_guard lock(guard_);
  ++done_;
  if (progress_) progress_(side_, done_, loads_.size());
}

bool Search::holds(std::size_t load, std::int64_t units, Known& known, int threads) {
  const double rate = loads_[load].rate;
  for (const auto& [n, seen] : known) {
    if (n <= units && seen.holds_to >= rate) return true;
    if (n >= units && seen.fails_from <= rate) return false;
  }
  Units of_trial;
  of_trial.of(side_) = units;
  of_trial.of(other_phase(side_)) = other_[load];
  const Outcome outcome = trials_.run(loads_[load], of_trial, threads);
  Seen& seen = known[units];
  if (const Measure* missed = outcome.worst(side_)) {
    seen.fails_from = rate;
    seen.missed = *missed;
    return false;
  }
  seen.holds_to = std::max(seen.holds_to, rate);
  return true;
}

Need Search::need(std::size_t load, std::int64_t units, const Known& known) const {
  Need n{.units = units, .decides = {}, .fails_at = 0.0, .holds_to = loads_[load].rate};
  const std::int64_t fewer = units == 0 ? units_max_ : units - 1;
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto& [count, seen] : known) {
    if (count <= units) n.holds_to = std::max(n.holds_to, seen.holds_to);
    // What was seen to fail with as many as `fewer` or more, at a load no greater: the greatest such load.
    if (count < fewer || seen.fails_from > loads_[load].rate) continue;
    const double distance = loads_[load].rate - seen.fails_from;
    if (distance < nearest) nearest = distance, n.decides = seen.missed, n.fails_at = seen.fails_from;
  }
  return n;
}

}  // namespace tideline::plan
