// Results of points as they come: lines of JSON in files of a folder. Every process appends to a file of its
// own, which nobody else writes, so that a thousand may write on a shared disk without a lock.
//
// 1. A line appears whole, or is the last of a file whose writer was stopped in the middle of it: such a line
//    is not read, and its point is not done.
// 2. Nothing that was written is ever changed. A point that was run twice stands there twice.
// 3. A point that could not be run is a line too, with its message. It is not "no": a run that says that a
//    service is too small has been done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sim/sweep/identity.h"
#include "sim/sweep/shard.h"

namespace tideline::sweep {

enum class Status { kDone, kFailed };

struct Row {
  std::uint64_t point = 0;
  Key key{};
  Status status = Status::kDone;
  int code = 0;                   // with which `tideline run` would have ended
  std::string message;            // of a failed one
  std::vector<double> metrics{};  // of a done one, by the study's metrics; not a number where there is none
};

// A row as its line, without the end of line.
std::string line_of(const Row& row, const std::vector<std::string>& metrics);

// A new file of a folder, shard-<host>-<process>-<random>.jsonl, begun with a line on who writes it; gone in
// the end where no row was written.
class ShardFile {
 public:
  // Fails: InputError where it cannot be made.
  ShardFile(const std::filesystem::path& folder, const Study& study, const Identity& identity,
            const Shard& shard);
  ~ShardFile();
  ShardFile(const ShardFile&) = delete;
  ShardFile& operator=(const ShardFile&) = delete;

  // From any thread. The line is the system's when this returns: only a machine that fails can lose it.
  // Fails: InputError where it cannot be written.
  void append(const std::string& line);

 private:
  void write(std::string_view bytes) const;
  std::mutex mutex_;
  std::filesystem::path path_;
  int descriptor_ = -1;
  bool empty_ = true;
};

// A line that was read, found again by where it stands.
struct Entry {
  Key key{};
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::uint32_t file = 0;
  bool failed = false;
};

// A row as it was read: what it holds by name.
struct StoredRow {
  Key key{};
  bool keyed = false;  // false: a line about the file
  Status status = Status::kDone;
  int code = 0;
  std::string message;
  std::map<std::string, double, std::less<>> metrics;
};

// All rows of a folder, sorted by key. Memory: 32 bytes a row; the files stay mapped.
class Store {
 public:
  // A folder that is not there holds nothing. Fails: InputError on a broken line that is not the last.
  static Store read(const std::filesystem::path& folder);

  // Those of a key: [first, last).
  struct Range {
    const Entry* first;
    const Entry* last;
    [[nodiscard]] bool empty() const { return first == last; }
    [[nodiscard]] const Entry* begin() const { return first; }
    [[nodiscard]] const Entry* end() const { return last; }
  };
  [[nodiscard]] Range find(const Key& key) const;
  [[nodiscard]] StoredRow row(const Entry& entry) const;
  [[nodiscard]] std::string place(const Entry& entry) const;  // "file:line", for a message
  [[nodiscard]] std::size_t rows() const { return entries_.size(); }
  [[nodiscard]] std::size_t files() const { return files_.size(); }
  [[nodiscard]] std::size_t torn() const { return torn_; }

 private:
  struct File;
  void add(std::uint32_t number);
  [[nodiscard]] std::string_view line(const Entry& entry) const;
  std::vector<std::shared_ptr<const File>> files_;
  std::vector<Entry> entries_;
  std::size_t torn_ = 0;
};

}  // namespace tideline::sweep
