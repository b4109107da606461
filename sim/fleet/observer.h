// What a fleet run tells those who measure it. The fleet knows no metrics; it hands over finished requests in
// batches, so that watching costs no call per request.
#pragma once

#include <cstdint>
#include <span>

#include "sim/base/time.h"

namespace tideline::fleet {

struct Finished {
  std::uint64_t id = 0;
  Instant arrival, first_token, last_token;
  std::int32_t input = 0, cached = 0, output = 0;
  std::uint8_t request_class = 0;
};

class Observer {
 public:
  virtual ~Observer() = default;
  // In order of their last token; requests from before and after the window among them.
  virtual void finished(std::span<const Finished> requests) = 0;
};

}  // namespace tideline::fleet
