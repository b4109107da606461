// The requests of a trace at the pace that a scenario asks for.
//
// Rate, by copies: `n` copies of the trace and one thinned one, each shifted from the one before by
// `copy_shift`; past the end of the trace a copy goes on with its beginning. Copies are other users: their
// blocks are no one else's. By compression: times are divided.
// A repetition ("loop") is other users too, and of a generated trace another draw.
#pragma once

#include <memory>
#include <vector>

#include "sim/base/random.h"
#include "sim/workload/chained.h"
#include "sim/workload/traces/reader.h"
#include "sim/workload/traces/trace_load.h"

namespace tideline::workload::traces {

// Requests from `start` on, where the trace (past its offset) begins. REQUIRES: `load` outlives them.
std::unique_ptr<ChainSource> make_trace_arrivals(const TraceLoad& load, std::uint64_t seed, std::uint32_t run,
                                                 Instant start);

}  // namespace tideline::workload::traces
