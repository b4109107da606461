// What observers of the decode stage are told, and the tale of one request.
#include <algorithm>

#include "sim/fleet/decode_stage.h"
#include "sim/fleet/tale.h"

namespace tideline::fleet {

using serving::Answer;
using serving::Slot;

// Who stood there before the step, and who has come with it.
void DecodeStage::observe_step(std::size_t unit, Duration duration) {
  const DecodeUnit& u = units_[unit];
  const Instant now = events_.now();
  stepping_.one_more(now);
  std::ranges::fill(firsts_, 0U);
  for (const Slot slot : lists_.let_in) {
    Answer& a = pool_[slot];
    if (a.begun()) continue;
    a.set_begun();
    ++firsts_[a.request_class()];
    joined_.push_back({a.arrival(), pool_.first_token(slot), now, now + duration, a.request_class()});
  }
  for (std::size_t c = 0; c < u.of_class().size(); ++c)
    if (u.of_class()[c] > firsts_[c])
      stepped_.push_back(
          {now + duration, duration, u.of_class()[c] - firsts_[c], static_cast<std::uint8_t>(c)});
  if (joined_.size() >= kBatch) hand_over();
  if (followed_on(unit)) tell_step(duration);
}

Sample::Decode DecodeStage::sample() const {
  Sample::Decode s{.units = roster_.counts(),
                   .waiting = static_cast<std::int64_t>(waiting_.size() - waiting_head_),
                   .stepping_ns = stepping_.until(events_.now()),
                   .tokens = tokens_};
  for (std::size_t u = 0; u < units_.size(); ++u) {
    s.moving += units_[u].expected();
    s.on_ranks += units_[u].active();
    if (!roster_.serves(u)) continue;
    const DecodeUnit::KvFill fill = units_[u].kv_fill();
    s.kv_mean += fill.mean / static_cast<double>(s.units.serving);
    s.kv_fullest = std::max(s.kv_fullest, fill.fullest);
  }
  return s;
}

void DecodeStage::tell_place(Slot slot, std::size_t unit, Instant ready) {
  const std::size_t rank = pool_[slot].rank();
  followed_ = {slot, unit};
  Placed& placed = settings_.tale->add(Placed{events_.now(), ready, ChosenFrom::among(load_, unit),
                                              ChosenFrom::among(units_[unit].rank_loads(), rank)});
  placed.ranks.seen[rank].second -= units_[unit].load_of(pool_.kv(slot));  // its own
}

void DecodeStage::tell_displaced(Slot slot, Displaced::Why why, std::uint32_t unit) {
  if (settings_.tale == nullptr || !settings_.tale->follows(pool_[slot].id())) return;
  settings_.tale->add(Displaced{events_.now(), why, unit});
  followed_.reset();
}

void DecodeStage::tell_step(Duration duration) {
  const DecodeUnit& u = units_[followed_->unit];
  const std::uint16_t rank = pool_[followed_->slot].rank();
  const Instant now = events_.now();
  OnRank* there = settings_.tale->last<OnRank>();
  if (there == nullptr) {
    if (std::ranges::find(lists_.let_in, followed_->slot) == lists_.let_in.end()) return;  // still on its way
    there = &settings_.tale->add(
        OnRank{.from = now, .to = now, .unit = static_cast<std::uint32_t>(followed_->unit), .rank = rank});
  }
  ++there->steps;
  there->to = now + duration;
  there->shortest = std::min(there->shortest, duration);
  there->longest = std::max(there->longest, duration);
  there->rank_requests += u.requests(rank);
  there->unit_requests += static_cast<double>(u.active());
  there->rank_kv += u.kv_fill(rank);
}

}  // namespace tideline::fleet
