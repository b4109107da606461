// The books of one stage of the fleet: what came in has gone out or is still there, in requests, in tokens
// and in time. Exact: counts are whole, time is in nanoseconds.
#pragma once

#include <cstdint>

#include "sim/base/check.h"
#include "sim/base/time.h"

namespace tideline::fleet {

__extension__ using Wide = __int128;  // nanoseconds x requests of a whole run

class Books {
 public:
  explicit Books(Instant start) : counted_to_(start) {}

  // A request comes or goes; `tokens`: of its prompt and its answer.
  void comes(Instant now, std::int64_t tokens) {
    pass_time(now);
    ++inside_, ++came_;
    tokens_in_ += tokens;
  }
  void goes(Instant now, Instant came, std::int64_t tokens) {
    pass_time(now);
    --inside_;
    tokens_out_ += tokens;
    time_spent_ += (now - came).ns;
  }
  // At the end: for each request still here.
  void stays(Instant now, Instant came, std::int64_t tokens) {
    ++found_;
    tokens_found_ += tokens;
    time_found_ += (now - came).ns;
  }
  void close(Instant now) {
    pass_time(now);
    CHECK(found_ == inside_, "{} requests should be here, {} are", inside_, found_);
    CHECK(tokens_in_ == tokens_out_ + tokens_found_, "tokens are not conserved");
    CHECK(time_in_flight_ == time_spent_ + time_found_, "Little's law does not hold");
  }
  [[nodiscard]] std::uint64_t came() const { return static_cast<std::uint64_t>(came_); }
  [[nodiscard]] std::uint64_t gone() const { return static_cast<std::uint64_t>(came_ - inside_); }
  [[nodiscard]] std::int64_t inside() const { return inside_; }

 private:
  void pass_time(Instant now) {
    time_in_flight_ += Wide{(now - counted_to_).ns} * inside_;
    counted_to_ = now;
  }

  std::int64_t inside_ = 0, came_ = 0, found_ = 0;
  Wide tokens_in_ = 0, tokens_out_ = 0, tokens_found_ = 0;
  Wide time_in_flight_ = 0, time_spent_ = 0, time_found_ = 0;
  Instant counted_to_;
};

}  // namespace tideline::fleet
