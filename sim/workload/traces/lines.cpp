#include "sim/workload/traces/lines.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/base/error.h"

namespace tideline::workload::traces {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf", kGzip = "\x1f\x8b",
                           kZstandard = "\x28\xb5\x2f\xfd";

}  // namespace

Lines::Lines(std::string file) : file_(std::move(file)), in_(file_, std::ios::binary) {
  if (!in_ || std::filesystem::is_directory(file_))
    throw InputError({.file = file_, .message = "this trace cannot be read"});
  read_more();
  const std::string_view begin(buffer_);
  if (begin.starts_with(kGzip) || begin.starts_with(kZstandard))
    throw InputError({.file = file_, .message = "this trace is compressed", .suggestion = "unpack it first"});
  rewind();
}

void Lines::rewind() {
  in_.clear();
  in_.seekg(0);
  buffer_.clear();
  begin_ = 0;
  number_ = 0;
}

bool Lines::read_more() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kPiece);
  in_.read(buffer_.data() + had, static_cast<std::streamsize>(kPiece));
  buffer_.resize(had + static_cast<std::size_t>(in_.gcount()));
  return buffer_.size() > had;
}

bool Lines::next(std::string_view& line) {
  std::size_t end = buffer_.find('\n', begin_);
  while (end == std::string::npos) {
    const std::size_t had = buffer_.size() - begin_;
    if (had > kLineMax) break;
    if (!read_more()) {
      if (had == 0) return false;
      end = buffer_.size();
      break;
    }
    end = buffer_.find('\n', had);
  }
  ++number_;
  if (end == std::string::npos || end - begin_ > kLineMax)
    fail(1, fmt::format("a line of more than {} MiB", kLineMax >> 20), "a trace has one request a line");
  line = std::string_view(buffer_).substr(begin_, end - begin_);
  begin_ = std::min(end + 1, buffer_.size());
  if (number_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (const std::size_t zero = line.find('\0'); zero != std::string_view::npos)
    fail(static_cast<int>(zero) + 1, "this is not text: it holds a zero byte");
  return true;
}

void Lines::fail(int column, std::string message, std::string suggestion) const {
  throw InputError({.file = file_,
                    .line = number_,
                    .column = column,
                    .message = std::move(message),
                    .suggestion = std::move(suggestion)});
}

}  // namespace tideline::workload::traces
