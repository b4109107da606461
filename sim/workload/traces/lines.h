// The lines of a text file, one at a time: a trace of any size in 256 KiB. Windows line ends and a byte order
// mark are taken off.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

namespace tideline::workload::traces {

inline constexpr std::size_t kLineMax = std::size_t{4} << 20;  // bytes; 200,000 block hashes

class Lines {
 public:
  // Fails: throws InputError when the file cannot be read, or is compressed.
  explicit Lines(std::string file);
  // False at the end of the file. The line stays good until the next call.
  // Fails: throws InputError on a line of more than kLineMax bytes, and on one that is not text.
  bool next(std::string_view& line);
  void rewind();

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] int number() const { return number_; }  // of the line last read, from 1
  // An InputError at the line last read. `column` from 1.
  [[noreturn]] void fail(int column, std::string message, std::string suggestion = "") const;

 private:
  bool read_more();

  std::string file_;
  std::ifstream in_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been handed out
  int number_ = 0;
};

}  // namespace tideline::workload::traces
