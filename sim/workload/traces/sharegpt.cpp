#include "sim/workload/traces/sharegpt.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "sim/base/error.h"
#include "sim/config/json_stream.h"

namespace tideline::workload::traces {
namespace {

constexpr double kTokensMax = 1 << 24;

// Depth of a message's keys: list, conversation, "conversations", message.
constexpr int kMessageDepth = 4;

class Answers : public config::JsonListener {
 public:
  Answers(double bytes_per_token, std::vector<std::pair<std::int32_t, std::int32_t>>& lengths)
      : bytes_per_token_(bytes_per_token), lengths_(lengths) {}

  void open(char) override {
    ++depth_;
    if (depth_ == 2) said_ = 0.0;
    if (depth_ == kMessageDepth) from_.clear(), tokens_ = estimated_ = 0.0;
  }
  void close(char bracket) override {
    if (depth_ == kMessageDepth && bracket == '}') end_message();
    --depth_;
  }
  void key(std::string_view name) override { key_ = name; }
  void text(std::string_view text) override {
    if (depth_ != kMessageDepth) return;
    if (key_ == "from" || key_ == "role") from_ = text;
    if (key_ == "value" || key_ == "content")
      estimated_ = std::ceil(static_cast<double>(text.size()) / bytes_per_token_);
  }
  void number(const config::JsonNumber& n) override {
    if (depth_ == kMessageDepth && (key_ == "tokens" || key_ == "num_tokens")) tokens_ = n.value;
  }

 private:
  void end_message() {
    const double tokens = std::clamp(tokens_ > 0.0 ? tokens_ : estimated_, 0.0, kTokensMax);
    const bool is_answer = from_ == "gpt" || from_ == "assistant" || from_ == "chatgpt" || from_ == "bing";
    if (is_answer && said_ > 0.0 && tokens > 0.0)
      lengths_.emplace_back(static_cast<std::int32_t>(std::min(said_, kTokensMax)),
                            static_cast<std::int32_t>(tokens));
    said_ += tokens;
  }

  double bytes_per_token_;
  std::vector<std::pair<std::int32_t, std::int32_t>>& lengths_;
  int depth_ = 0;
  std::string key_, from_;
  double tokens_ = 0.0, estimated_ = 0.0, said_ = 0.0;
};

}  // namespace

ShareGptTrace::ShareGptTrace(std::string file, double bytes_per_token) : file_(std::move(file)) {
  std::ifstream in(file_, std::ios::binary);
  if (!in || std::filesystem::is_directory(file_))
    throw InputError({.file = file_, .message = "this trace cannot be read"});
  Answers answers(bytes_per_token, lengths_);
  if (const auto mistake = config::stream_json(in, answers))
    throw InputError(
        {.file = file_, .line = mistake->line, .column = mistake->column, .message = mistake->message});
  if (lengths_.empty())
    fail(
        1,
        "no answers in it: ShareGPT is a list of {\"conversations\": [{\"from\": \"gpt\", \"value\": ...}]}");
}

bool ShareGptTrace::read(Row& row) {
  if (next_ == lengths_.size()) return false;
  row = {};
  row.input = lengths_[next_].first;
  row.output = lengths_[next_].second;
  ++next_;
  return true;
}

}  // namespace tideline::workload::traces
