// PyTorch's Kineto trace (Chrome trace JSON, plain or gzip) -> Trace. It is streamed: memory grows with the
// kernels and their launches, not with the file (56 and 40 bytes each), and every other event is passed over.
#pragma once

#include "calib/import/text_source.h"
#include "calib/import/trace.h"

namespace tideline::calib {

// Clock: a trace whose times are all whole microseconds has a resolution of 1 us, else of 1 ns.
// Fails: throws InputError with line, column and JSON pointer: broken JSON, a kernel without start or
// duration, a text that is no trace, a trace without kernels, or one beyond the limits below.
Trace read_kineto(TextSource& source);

inline constexpr int kKinetoDepthMax = 64;               // of lists and objects in one another
inline constexpr std::size_t kTraceEventsMax = 1 << 26;  // kernels and launches kept: 4 GB at most
inline constexpr std::size_t kTraceNamesMax = 1 << 18;   // different names
inline constexpr std::size_t kTraceGpusMax = 1 << 10;    // described; others are passed over

}  // namespace tideline::calib
