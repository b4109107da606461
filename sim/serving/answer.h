// What decode remembers of a request. A day has some hundred thousand answers in flight: each takes half a
// line of the cache, and what few of them have lies elsewhere.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sim/base/time.h"
#include "sim/serving/bits.h"
#include "sim/serving/pool.h"
#include "sim/workload/arrivals.h"

namespace tideline::serving {

class alignas(32) Answer {
  using Lengths = workload::Lengths;
  static constexpr Bits kClass{0, 8}, kArrival{8, 56};
  static constexpr Bits kRank{0, kGpuBits}, kWaited{kGpuBits, 50};
  static constexpr Bits kCached{0, 24}, kId{24, kIdBits};
  static constexpr Bits kApart{0, 1}, kBegun{1, 1}, kSteps{2, 17}, kOutput{19, 17}, kInput{36, 25};
  static constexpr Instant kFirst{
      -(std::int64_t{1} << 55)};  // 417 days before the window, and kArrival goes as far beyond its start
  static_assert((Instant{} + kWindowMax - kFirst).ns <= static_cast<std::int64_t>(kArrival.most()));
  static_assert(kInput.most() >= Lengths::kInputMax && kCached.most() + 1 >= Lengths::kInputMax);
  static_assert(kOutput.most() >= Lengths::kOutputMax && kSteps.most() >= Lengths::kOutputMax);

 public:
  // Of the time from arrival to first token. One that is longer is kept apart.
  static constexpr Duration kWaitMost{static_cast<std::int64_t>(kWaited.most())};  // thirteen days

  Answer() = default;
  // `first_token`: when it was made, at most kWaitMost after the arrival.
  Answer(const workload::Arrival& a, Instant first_token)
      : arrival_(kArrival.word((a.at - kFirst).ns, "the arrival") | a.request_class),
        waited_(kWaited.word((first_token - a.at).ns, "the time to first token")),
        id_(kId.word(static_cast<std::int64_t>(a.id), "the number") |
            kCached.word(a.lengths.cached, "the cached part")),
        tokens_(kInput.word(a.lengths.input, "the prompt") | kOutput.word(a.lengths.output, "the answer")) {}

  [[nodiscard]] std::uint64_t id() const { return kId.in(id_); }
  [[nodiscard]] std::uint8_t request_class() const { return static_cast<std::uint8_t>(kClass.in(arrival_)); }
  [[nodiscard]] Instant arrival() const { return kFirst + Duration{signed_in(kArrival, arrival_)}; }
  [[nodiscard]] std::int32_t input() const { return static_cast<std::int32_t>(kInput.in(tokens_)); }
  [[nodiscard]] std::int32_t cached() const { return static_cast<std::int32_t>(kCached.in(id_)); }
  [[nodiscard]] std::int32_t output() const { return static_cast<std::int32_t>(kOutput.in(tokens_)); }
  [[nodiscard]] std::int64_t tokens() const { return std::int64_t{input()} + output(); }
  // Of decode, from the moment it joins a rank.
  [[nodiscard]] std::int64_t steps() const { return signed_in(kSteps, tokens_); }
  // The GPU of its unit that it stands on.
  [[nodiscard]] std::uint16_t rank() const { return static_cast<std::uint16_t>(kRank.in(waited_)); }
  [[nodiscard]] bool begun() const { return kBegun.in(tokens_) != 0; }  // its first step has
  void set_steps(std::int64_t steps) { kSteps.set(tokens_, static_cast<std::uint64_t>(steps)); }
  void set_rank(std::size_t rank) { kRank.set(waited_, rank); }
  void set_begun() { kBegun.set(tokens_, 1); }

 private:
  friend class AnswerPool;  // knows more of some, and where that lies stands in place of how long they waited
  [[nodiscard]] bool is_apart() const { return kApart.in(tokens_) != 0; }
  [[nodiscard]] Slot apart() const { return static_cast<Slot>(kWaited.in(waited_)); }
  void set_apart(Slot slot) { kApart.set(tokens_, 1), kWaited.set(waited_, slot); }
  [[nodiscard]] Instant first_token() const { return arrival() + Duration{signed_in(kWaited, waited_)}; }
  static std::int64_t signed_in(Bits bits, std::uint64_t word) {
    return static_cast<std::int64_t>(bits.in(word));
  }

  // Each word is named after what stands in its highest bits.
  std::uint64_t arrival_ = 0, waited_ = 0, id_ = 0, tokens_ = 0;
};
static_assert(sizeof(Answer) == 32);

class AnswerPool {
 public:
  // Of an answer that was lost before, has changed units, or waited long for its first token.
  struct Apart {
    Instant first_token;
    Instant came;           // when it came to decode, the last time
    std::int32_t made = 0;  // tokens that were lost: computed again with the prompt
    double kv = 0.0;        // tokens of KV cache that it brings to its rank: a multiple of 2^-20
  };

  Slot add(const workload::Arrival& a, Instant first_token) {
    const Instant kept = std::min(first_token, a.at + Answer::kWaitMost);
    const Slot slot = pool_.add(a, kept);
    if (kept != first_token) set_apart(slot, {first_token, first_token, 0, kv(slot)});
    return slot;
  }
  void remove(Slot slot) {
    if (pool_[slot].is_apart()) apart_.remove(pool_[slot].apart());
    pool_.remove(slot);
  }
  Answer& operator[](Slot slot) { return pool_[slot]; }
  const Answer& operator[](Slot slot) const { return pool_[slot]; }
  void prefetch(Slot slot) const { pool_.prefetch(slot); }
  [[nodiscard]] std::size_t size() const { return pool_.size(); }

  [[nodiscard]] Instant first_token(Slot slot) const {
    return pool_[slot].is_apart() ? apart(slot).first_token : pool_[slot].first_token();
  }
  // Tokens of KV cache that it brings to its rank: the prompt, and what it made elsewhere.
  [[nodiscard]] double kv(Slot slot) const {
    return pool_[slot].is_apart() ? apart(slot).kv : static_cast<double>(pool_[slot].input());
  }
  [[nodiscard]] std::int32_t made(Slot slot) const { return pool_[slot].is_apart() ? apart(slot).made : 0; }
  [[nodiscard]] Instant came(Slot slot) const {
    return pool_[slot].is_apart() ? apart(slot).came : pool_[slot].first_token();
  }
  // It was lost with so many tokens made, and came again.
  void came_again(Slot slot, std::int32_t made, Instant at) {
    set_apart(slot, {first_token(slot), at, made, static_cast<double>(pool_[slot].input()) + made});
  }
  void set_kv(Slot slot, double tokens) {
    set_apart(slot, {first_token(slot), came(slot), made(slot), tokens});
  }

 private:
  [[nodiscard]] const Apart& apart(Slot slot) const { return apart_[pool_[slot].apart()]; }
  void set_apart(Slot slot, const Apart& apart) {
    if (pool_[slot].is_apart())
      apart_[pool_[slot].apart()] = apart;
    else
      pool_[slot].set_apart(apart_.add(apart));
  }

  Pool<Answer> pool_;
  Pool<Apart> apart_;
};

}  // namespace tideline::serving
