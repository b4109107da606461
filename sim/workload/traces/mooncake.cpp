#include "sim/workload/traces/mooncake.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sim/base/error.h"

namespace tideline::workload::traces {
namespace {

struct KeyOf {
  std::string_view name, wants;
};
enum Key : std::size_t { kTime, kInput, kOutput, kBlocks, kCached, kClass, kBegins, kOther };
constexpr std::array kKeys = {
    KeyOf{"timestamp", "a number of milliseconds"},
    KeyOf{"input_length", "a whole number of tokens"},
    KeyOf{"output_length", "a whole number of tokens"},
    KeyOf{"hash_ids", "a list of whole numbers of 0 or more"},
    KeyOf{"cached_length", "a whole number of tokens"},
    KeyOf{"class", "a text"},
    KeyOf{"trace_begins", "a number of milliseconds"},
};
constexpr std::string_view kOneObject = "a line of this trace is a JSON object, one request";

// Puts what one line says into a row; remembers the first thing that is not as it should be.
class RowListener : public config::JsonListener {
 public:
  explicit RowListener(Row& row) : row_(row) {
    row.cached = 0;
    row.class_name.clear();
    row.begins_ns.reset();
    row.blocks.clear();
  }

  void key(std::string_view name) override {
    if (depth_ != 1) return;
    key_ = static_cast<Key>(std::ranges::find(kKeys, name, &KeyOf::name) - kKeys.begin());
    if (key_ == kOther) {
      others_.emplace_back(name);
    } else if (std::exchange(seen_[key_], true) && wrong_.empty()) {
      wrong_ = fmt::format("\"{}\" stands twice", name);
    }
  }
  void number(const config::JsonNumber& n) override {
    const bool natural = n.whole && !n.negative;
    const bool tokens = key_ == kInput || key_ == kOutput || key_ == kCached;
    if (depth_ == 2 && key_ == kBlocks && natural)
      row_.blocks.push_back(n.magnitude);
    else if (depth_ == 1 && (key_ == kTime || key_ == kBegins))
      time(n.value);
    else if (depth_ == 1 && tokens && n.whole && n.magnitude < kTokensMax)
      tokens_at_key() = (n.negative ? -1 : 1) * static_cast<std::int64_t>(n.magnitude);
    else
      refuse();
  }
  void text(std::string_view text) override {
    if (depth_ == 1 && key_ == kClass)
      row_.class_name = text;
    else
      refuse();
  }
  void flag_or_null() override { refuse(); }
  void open(char bracket) override {
    if (depth_ == 0) is_object_ = bracket == '{';
    if (depth_ > 0 && !(depth_ == 1 && key_ == kBlocks && bracket == '[')) refuse();
    ++depth_;
  }
  void close(char) override { --depth_; }

  // What is wrong with the line, or an empty message.
  [[nodiscard]] Problem problem() const {
    if (!is_object_) return {.message = std::string(kOneObject)};
    for (const Key k : {kTime, kInput, kOutput})
      if (!seen_[k]) return lacks(std::string(kKeys[k].name));
    return {.message = wrong_};
  }
  [[nodiscard]] bool has_blocks() const { return seen_[kBlocks]; }

 private:
  static constexpr double kTimeMax = 9e12, kNsPerMs = 1e6;  // ms: some three hundred years
  static constexpr std::uint64_t kTokensMax = std::uint64_t{1} << 40;

  void time(double ms) {
    if (!(std::abs(ms) < kTimeMax)) return refuse(", fewer than 9,000,000,000,000");
    const std::int64_t ns = std::llround(ms * kNsPerMs);
    if (key_ == kTime)
      row_.at_ns = ns;
    else
      row_.begins_ns = ns;
  }
  std::int64_t& tokens_at_key() {
    return key_ == kInput ? row_.input : key_ == kOutput ? row_.output : row_.cached;
  }
  // Whatever stands under other keys is left alone.
  void refuse(std::string_view more = "") {
    if (wrong_.empty() && key_ != kOther)
      wrong_ = fmt::format("\"{}\" wants {}{}", kKeys[key_].name, kKeys[key_].wants, more);
  }
  [[nodiscard]] Problem lacks(const std::string& key) const {
    const std::string near = nearest(key, others_);
    return {.message = fmt::format("this request lacks \"{}\"", key),
            .suggestion = near.empty() ? "" : fmt::format("is it called \"{}\" here?", near)};
  }

  Row& row_;
  int depth_ = 0;
  Key key_ = kOther;
  bool is_object_ = false;
  std::array<bool, kKeys.size()> seen_{};
  std::vector<std::string> others_;
  std::string wrong_;
};

}  // namespace

MooncakeTrace::MooncakeTrace(const std::string& file) : LineReader(file) {
  Row first;
  if (!read(first)) throw InputError({.file = file, .message = "this trace is empty"});
  has_blocks_ = !first.blocks.empty();
  restart(0);
}

bool MooncakeTrace::read(Row& row) {
  std::string_view line;
  do
    if (!lines_.next(line)) return false;
  while (line.empty());
  RowListener listener(row);
  if (const auto mistake = config::stream_json(line, listener))
    fail(mistake->column, mistake->message,
         mistake->message.ends_with("early") ? "is the file cut off here?" : "");
  if (Problem p = listener.problem(); !p.message.empty())
    fail(1, std::move(p.message), std::move(p.suggestion));
  if (has_blocks_ && !listener.has_blocks()) fail(1, "this request lacks \"hash_ids\", which others have");
  row.column = 1;
  return true;
}

}  // namespace tideline::workload::traces
