// Requests that say what their prompts consist of, so that a prefix cache can find what it holds of them:
// sessions, and traces with block hashes.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/caching/prefix_cache.h"
#include "sim/workload/arrivals.h"

namespace tideline::workload {

struct ChainedRequest {
  Arrival arrival;  // its `cached` is what the source knows of hits: 0, or what a trace says
  std::vector<caching::Extent> chain;  // the prompt's blocks, then those of the answer that stay reusable
  std::size_t prompt_extents = 0;      // of `chain`: those of the prompt
};

// Requests in order of arrival, one at a time.
class ChainSource {
 public:
  virtual ~ChainSource() = default;
  // False when there are no more; `request` is then unspecified.
  virtual bool next(ChainedRequest& request) = 0;
};

}  // namespace tideline::workload
