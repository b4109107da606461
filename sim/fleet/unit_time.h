// Unit time spent at something: how many units are at it, integrated over time. Exact.
#pragma once

#include <cstdint>

#include "sim/base/time.h"

namespace tideline::fleet {

class UnitTime {
 public:
  void one_more(Instant now) { pass_time(now), ++units_; }
  void one_less(Instant now) { pass_time(now), --units_; }
  [[nodiscard]] std::int64_t until(Instant now) const { return ns_ + units_ * (now - counted_to_).ns; }

 private:
  void pass_time(Instant now) {
    ns_ = until(now);
    counted_to_ = now;
  }
  std::int64_t units_ = 0, ns_ = 0;
  Instant counted_to_;
};

}  // namespace tideline::fleet
