// Mooncake's traces: a JSON object a line with "timestamp" (ms), "input_length", "output_length" (tokens) and
// "hash_ids", the chain of the prompt's blocks. Source: kvcache-ai/Mooncake, FAST25-release/traces.
#pragma once

#include "sim/config/json_stream.h"
#include "sim/workload/traces/reader.h"

namespace tideline::workload::traces {

inline constexpr std::int64_t kMooncakeBlockTokens = 512;

// Beside the published keys: "cached_length" and "class", as the exporter writes them. Other keys are left
// alone. Blocks are there when the first row has them.
class MooncakeTrace : public LineReader {
 public:
  explicit MooncakeTrace(const std::string& file);
  [[nodiscard]] Traits traits() const override { return {.has_blocks = has_blocks_}; }

 protected:
  bool read(Row& row) override;

 private:
  bool has_blocks_ = false;
};

}  // namespace tideline::workload::traces
