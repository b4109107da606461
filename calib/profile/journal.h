// The stream of records: one line each, flushed as made, so that a run that is killed keeps what it had.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

namespace tideline::profile {

// The user's mistake: one line, exit 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Keys (record.h) of a file of records. A last line without its line break was torn when its run was killed:
// it is not counted, and cut off the file when `mend`.
// Fails: UsageError when the file cannot be read, or with file and line where one is not a record.
std::set<std::string> read_keys(const std::string& path, bool mend);

class Journal {
 public:
  // Appends to `path`; "-" is standard output. REQUIRES: a file that exists ends in a line break.
  // Fails: UsageError when it cannot be written.
  explicit Journal(const std::string& path);
  // `line` with its line break. Fails: std::runtime_error when the disk is full.
  void add(const std::string& line);

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

// What stands beside the file `records` about points that were begun: FILE.begun, one key (record.h) a line.
std::string begun_path(const std::string& records);
// The points of it that never ended: the device faulted in them, or the run was killed. Empty where there is
// no such file, which is where every point ended.
std::set<std::string> read_begun(const std::string& records);

// Says of each point that it is begun before it runs, so that a run that is resumed does not meet again what
// ended the one before. A line is taken away when its point ends, the file with its last line.
class Begun {
 public:
  // `records` "-": nothing is kept. What is there already stays when `resumed`, and is taken away otherwise.
  Begun(const std::string& records, bool resumed);
  // Fails: UsageError when it cannot be written.
  void begin(const std::string& key);
  void end();

 private:
  std::string path_;             // empty: nothing is kept
  std::uintmax_t ended_at_ = 0;  // bytes of the file without the point that is begun
};

}  // namespace tideline::profile
