// ShareGPT's conversations: a JSON list of {"conversations": [{"from": "human" | "gpt", "value": "..."}]}. Of
// them only lengths are taken, one request an answer, its prompt everything said before it; there are no
// times. Tokens are a message's "tokens" where it says them, else estimated as its UTF-8 bytes over
// `bytes_per_token`.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/workload/traces/reader.h"

namespace tideline::workload::traces {

// Read whole when opened, 8 bytes an answer. Error of an estimated length: it depends on language and
// tokenizer.
class ShareGptTrace : public Reader {
 public:
  // Fails: throws InputError on broken JSON and on conversations without answers.
  ShareGptTrace(std::string file, double bytes_per_token);
  [[nodiscard]] Traits traits() const override { return {.has_times = false}; }

 protected:
  [[nodiscard]] Stand stand() const override { return {file_, 0}; }
  bool read(Row& row) override;
  void restart(std::uint32_t) override { next_ = 0; }

 private:
  std::string file_;
  std::vector<std::pair<std::int32_t, std::int32_t>> lengths_;  // input, output
  std::size_t next_ = 0;
};

}  // namespace tideline::workload::traces
