// The stream of records: one line each, flushed as made, so that a run that is killed keeps what it had.
#pragma once

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

}  // namespace tideline::profile
