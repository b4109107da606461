// A text read in pieces, plain or gzip, so that a file of any size takes the memory of one piece. It knows
// where it is: whatever reads from it can say the line and column of what it did not understand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sim/base/error.h"

namespace tideline::calib {

class TextSource {
 public:
  // Fills the buffer with up to `size` bytes and returns how many; 0 at the end.
  using Read = std::function<std::size_t(char* buffer, std::size_t size)>;

  TextSource(std::string name, Read read);
  // A file, unzipped if it is gzip. Fails: throws InputError when it cannot be read; reading throws when the
  // gzip data is broken or cut short, or holds more than kBytesMax of text.
  static TextSource open(const std::string& file);
  static TextSource of(std::string_view text, std::string name);  // `text` outlives the source

  [[nodiscard]] bool at_end() { return at_ == end_ && !refill(); }
  [[nodiscard]] const char& peek() const { return *at_; }  // REQUIRES: !at_end()
  void advance() { ++at_; }

  // Says that what was read so far has been understood. Reading kTokenMax bytes past it is an error: no piece
  // of a trace or table is that long, and a reader may hold what it has not understood in memory.
  void understood() { understood_ = offset(); }

  [[nodiscard]] std::int64_t offset() const { return start_ + (at_ - buffer_.data()); }
  // A problem at the last byte read, with its line and column; pieces left behind are not counted again.
  [[nodiscard]] Problem problem(std::string message) const;
  [[nodiscard]] const std::string& name() const { return name_; }

  static constexpr std::int64_t kTokenMax = std::int64_t{4} << 20;
  static constexpr std::int64_t kBytesMax = std::int64_t{64} << 30;

 private:
  bool refill();

  std::string name_;
  Read read_;
  std::string buffer_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::int64_t start_ = 0;       // offset of the buffer in the text
  std::int64_t understood_ = 0;  // offset
  std::int64_t lines_ = 0;       // line ends before the buffer
  std::int64_t line_start_ = 0;  // offset of the last line that begins before or in the buffer's predecessors
};

}  // namespace tideline::calib
