#include <malloc.h>

#include <fstream>
#include <string>

#include "tools/bench/measurement.h"

namespace tideline::bench {

PeakMemory::PeakMemory() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

std::optional<double> PeakMemory::megabytes() const {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kilobytes = 0.0; word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024e-6;
  return std::nullopt;
}

}  // namespace tideline::bench
