#include "sim/plan/search.h"

#include <algorithm>
#include <numeric>

namespace tideline::plan {

Search::Search(Trials& trials, Side side, std::int64_t units_max, std::vector<Load> loads,
               std::vector<std::int64_t> other)
    : trials_(trials),
      side_(side),
      units_max_(units_max),
      loads_(std::move(loads)),
      other_(std::move(other)),
      by_rate_(loads_.size()),
      needs_(loads_.size()) {
  std::iota(by_rate_.begin(), by_rate_.end(), std::size_t{0});
  std::ranges::stable_sort(by_rate_, {}, [this](std::size_t i) { return loads_[i].rate; });
}

std::vector<Need> Search::run(const Progress& progress) {
  progress_ = progress;
  const auto guess = [this](std::size_t i) { return trials_.estimate(loads_[i]).of(side_); };
  if (!trials_.steady()) {
    for (std::size_t i = 0; i < loads_.size(); ++i) {
      known_.clear();
      solve(i, i > 0 && needs_[i - 1].units > 0 ? needs_[i - 1].units : guess(i));
    }
    return needs_;
  }
  const std::size_t least = by_rate_.front(), most = by_rate_.back();
  solve(most, guess(most));
  if (needs_[most].units == 0) return needs_;  // the most load cannot be held: that is the answer
  if (least != most) solve(least, guess(least));
  between(0, by_rate_.size() - 1);
  return needs_;
}

// Loads between two that are known, in order of rate.
void Search::between(std::size_t low, std::size_t high) {
  if (high - low < 2) return;
  const Need &fewer = needs_[by_rate_[low]], &more = needs_[by_rate_[high]];
  const std::size_t middle = (low + high) / 2;
  if (fewer.units == more.units)
    for (std::size_t i = low + 1; i < high; ++i) solve(by_rate_[i], more.units);  // known without a trial
  else
    solve(by_rate_[middle], (fewer.units + more.units) / 2);
  if (fewer.units == more.units) return;
  between(low, middle);
  between(middle, high);
}

void Search::solve(std::size_t load, std::int64_t guess) {
  std::int64_t fails = 0, holds_with = 0;  // 0: not known
  std::int64_t step = 1;
  for (std::int64_t units = std::clamp<std::int64_t>(guess, 1, units_max_); holds_with == 0;) {
    if (holds(load, units)) {
      holds_with = units;
    } else {
      fails = units;
      if (units == units_max_) break;
      units = std::min(units + step, units_max_);
      step *= 2;
    }
  }
  for (step = 1; holds_with - fails > 1;) {
    // Down in growing steps until something fails, then by halves.
    const std::int64_t units =
        fails == 0 ? std::max<std::int64_t>(holds_with - step, 1) : (fails + holds_with) / 2;
    (holds(load, units) ? holds_with : fails) = units;
    step *= 2;
  }
  needs_[load] = need(load, holds_with);
  ++done_;
  if (progress_) progress_(side_, done_, loads_.size());
}

bool Search::holds(std::size_t load, std::int64_t units) {
  const double rate = loads_[load].rate;
  for (const auto& [n, known] : known_) {
    if (n <= units && known.holds_to >= rate) return true;
    if (n >= units && known.fails_from <= rate) return false;
  }
  Units of_trial;
  of_trial.of(side_) = units;
  of_trial.of(side_ == Side::kPrefill ? Side::kDecode : Side::kPrefill) = other_[load];
  const Outcome outcome = trials_.run(loads_[load], of_trial);
  Known& known = known_[units];
  if (const Measure* missed = outcome.worst(side_)) {
    known.fails_from = rate;
    known.missed = *missed;
    return false;
  }
  known.holds_to = std::max(known.holds_to, rate);
  return true;
}

Need Search::need(std::size_t load, std::int64_t units) const {
  Need n{.units = units, .decides = {}, .holds_to = loads_[load].rate};
  const std::int64_t fewer = units == 0 ? units_max_ : units - 1;
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto& [count, known] : known_) {
    if (count <= units) n.holds_to = std::max(n.holds_to, known.holds_to);
    // What was seen to fail with as many as `fewer` or more, at a load no greater: the greatest such load.
    if (count < fewer || known.fails_from > loads_[load].rate) continue;
    const double distance = loads_[load].rate - known.fails_from;
    if (distance < nearest) nearest = distance, n.decides = known.missed;
  }
  return n;
}

}  // namespace tideline::plan
