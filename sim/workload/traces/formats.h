// The trace formats that can be read: named in a scenario, or told from what a file holds.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/workload/traces/reader.h"

namespace tideline::workload::traces {

struct Format {
  std::string_view name, sentence;
};
inline constexpr std::array kFormats = {
    Format{"azure", "Azure LLM inference traces (CSV), and what `tideline export` writes"},
    Format{"mooncake",
           "Mooncake traces (JSON lines) with the hashes of prompt blocks, and what export writes"},
    Format{"burstgpt", "BurstGPT traces (CSV)"},
    Format{"servegen", "a folder of ServeGen clients: rates and lengths, from which requests are drawn"},
    Format{"vidur", "Vidur's processed traces (CSV)"},
    Format{"splitwise", "SplitwiseSim's traces (CSV)"},
    Format{"sharegpt", "ShareGPT conversations (JSON): lengths without times"},
};

struct OpenSettings {
  std::string format;            // one of kFormats, or empty: told from the content
  double bytes_per_token = 4.0;  // where tokens are estimated from text
  std::uint64_t seed = 1;        // of what is drawn
  std::uint32_t run = 0;
};

// Fails: throws InputError on a file that is in no known format, or not in the one named.
std::unique_ptr<Reader> open_trace(const std::string& file, const OpenSettings& settings);
// The name in kFormats of what this file or folder holds. Fails: throws InputError when it is none.
std::string_view guess_format(const std::string& file);

}  // namespace tideline::workload::traces
