// Progress of a run: on a terminal's stderr how far the simulated day is, and when it will be done; in any
// case for whoever interrupts it.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>

#include "sim/base/time.h"
#include "tools/interruption.h"

namespace tideline::tools {

class Progress {
 public:
  Progress(Duration warm_up, Duration window, bool visible)
      : begin_ns_(-warm_up.ns), span_ns_(static_cast<double>(warm_up.ns + window.ns)), visible_(visible) {}

  void show(Instant now, std::uint64_t requests) {
    const double done = static_cast<double>(now.ns - begin_ns_) / span_ns_;
    how_far(fmt::format("at {:.1f} % of the window and its warm-up, {} requests simulated", done * 100.0,
                        requests));
    if (!visible_) return;
    const auto wall = Clock::now();
    if (wall - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = wall;
    const double elapsed = std::chrono::duration<double>(wall - started_).count();
    const auto requests_m = static_cast<double>(requests) * 1e-6;
    // The first percent holds the making of the tables: it says nothing of the rest.
    if (done < 0.01)
      std::fprintf(stderr, "\r%5.1f %%  %.1f s \033[K", done * 100.0, elapsed);
    else
      std::fprintf(stderr, "\r%5.1f %%  %.1f M requests  %.1f s, about %.0f s to go \033[K", done * 100.0,
                   requests_m, elapsed, elapsed / done * (1.0 - done));
  }
  void clear() const {
    if (visible_) std::fputs("\r\033[K", stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::int64_t begin_ns_;
  double span_ns_;
  bool visible_;
  Clock::time_point started_ = Clock::now(), shown_ = started_;
};

}  // namespace tideline::tools
