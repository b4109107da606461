// What observers of the prefill stage are told, and the tale of one request.
#include "sim/fleet/prefill_stage.h"
#include "sim/fleet/tale.h"

namespace tideline::fleet {

// A prompt that waits is displaced with its unit; one that the running pass completes only by a loss.
void PrefillStage::tell_change(std::size_t unit, Roster::Change change) {
  const bool lost = change == Roster::Change::kLost;
  if (!followed_on(unit) || !(lost || change == Roster::Change::kCloses)) return;
  if (!lost && pool_[followed_->slot].to_compute() == 0) return;
  settings_.tale->add(Displaced{events_.now(),
                                lost ? Displaced::Why::kPrefillLost : Displaced::Why::kPrefillCloses,
                                static_cast<std::uint32_t>(unit)});
}

// After a pass was begun, or could not be.
void PrefillStage::tell_full(Instant now) {
  const bool waits = units_[followed_->unit].full() && pool_[followed_->slot].computed == 0;
  HeldUp* const before = settings_.tale->last<HeldUp>();
  if (before && !before->over)
    before->to = now, before->over = !waits;
  else if (waits)
    settings_.tale->add(HeldUp{now, now, static_cast<std::uint32_t>(followed_->unit), false});
}

void PrefillStage::tell_pass(Instant now, Seconds duration, std::int32_t tokens) {
  if (tokens == 0) return;
  const PrefillUnit& unit = units_[followed_->unit];
  settings_.tale->add(InPass{now, now + to_duration(duration), static_cast<std::uint32_t>(followed_->unit),
                             tokens, static_cast<std::int64_t>(pool_[followed_->slot].to_compute()),
                             static_cast<std::int64_t>(unit.prompts()), unit.pass_fill()});
}

Sample::Prefill PrefillStage::sample() const {
  Sample::Prefill s{.units = roster_.counts(), .waiting = static_cast<std::int64_t>(homeless_.size())};
  for (const PrefillUnit& u : units_) s.waiting += static_cast<std::int64_t>(u.queued());
  s.computing = static_cast<std::int64_t>(pool_.size()) - s.waiting;
  s.busy_ns = busy_.until(events_.now());
  s.passes = static_cast<std::int64_t>(totals_.passes);
  s.tokens = totals_.tokens;
  s.first_tokens = first_tokens_;
  return s;
}

}  // namespace tideline::fleet
