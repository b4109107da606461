#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "sim/base/error.h"
#include "sim/config/json_stream.h"
#include "sim/sweep/store.h"

namespace tideline::sweep {

namespace fs = std::filesystem;

struct Store::File {
  explicit File(fs::path file) : path(std::move(file)) {
    const int descriptor = ::open(path.c_str(), O_RDONLY);
    struct stat info {};
    if (descriptor < 0 || ::fstat(descriptor, &info) != 0)
      throw InputError(
          {.file = path.string(), .message = std::string("cannot read: ") + std::strerror(errno)});
    size = static_cast<std::size_t>(info.st_size);
    if (size > 0) bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    ::close(descriptor);
    if (bytes == MAP_FAILED)
      throw InputError(
          {.file = path.string(), .message = std::string("cannot read: ") + std::strerror(errno)});
  }
  ~File() {
    if (size > 0) ::munmap(bytes, size);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] std::string_view text() const { return {static_cast<const char*>(bytes), size}; }

  fs::path path;
  void* bytes = nullptr;
  std::size_t size = 0;
};

namespace {

// Takes a row out of its line.
class Hearer : public config::JsonListener {
 public:
  void key(std::string_view name) override { key_ = name; }
  void number(const config::JsonNumber& n) override {
    if (depth_ == 2 && in_metrics_)
      row.metrics.insert_or_assign(key_, n.value);
    else if (depth_ == 1 && key_ == "code")
      row.code = static_cast<int>(n.value);
  }
  void flag_or_null() override {
    if (depth_ == 2 && in_metrics_)
      row.metrics.insert_or_assign(key_, std::numeric_limits<double>::quiet_NaN());
  }
  void text(std::string_view text) override {
    if (depth_ != 1) return;
    if (key_ == "key")
      row.key = key_of_hex(text), row.keyed = row.key != Key{};
    else if (key_ == "status")
      row.status = text == "done" ? Status::kDone : Status::kFailed;
    else if (key_ == "message")
      row.message = text;
  }
  void open(char) override { in_metrics_ = ++depth_ == 2 && key_ == "metrics"; }
  void close(char) override { --depth_; }
  StoredRow row;

 private:
  std::string key_;
  int depth_ = 0;
  bool in_metrics_ = false;
};

}  // namespace

Store Store::read(const fs::path& folder) {
  Store store;
  std::vector<fs::path> paths;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("shard-") && name.ends_with(".jsonl")) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  for (const fs::path& path : paths) {
    store.files_.push_back(std::make_shared<const File>(path));
    store.add(static_cast<std::uint32_t>(store.files_.size() - 1));
  }
  std::ranges::sort(store.entries_, [](const Entry& a, const Entry& b) {
    return a.key != b.key         ? a.key < b.key
           : a.failed != b.failed ? a.failed < b.failed
           : a.file != b.file     ? a.file < b.file
                                  : a.offset < b.offset;
  });
  return store;
}

void Store::add(std::uint32_t number) {
  const File& file = *files_[number];
  const std::string_view text = file.text();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) {
      ++torn_;
      return;
    }
    Hearer hearer;
    const auto mistake = config::stream_json(text.substr(begin, end - begin), hearer);
    if (mistake && end + 1 == text.size()) {
      ++torn_;
      return;
    }
    if (mistake)
      throw InputError(
          {.file = file.path.string(),
           .line = static_cast<int>(1 + std::ranges::count(text.substr(0, begin), '\n')),
           .column = mistake->column,
           .message = "this line is broken, and others stand after it: the file was not written by a sweep"});
    if (hearer.row.keyed)
      entries_.push_back({.key = hearer.row.key,
                          .offset = begin,
                          .length = static_cast<std::uint32_t>(end - begin),
                          .file = number,
                          .failed = hearer.row.status == Status::kFailed});
    begin = end + 1;
  }
}

Store::Range Store::find(const Key& key) const {
  const auto first = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
  const auto last = std::ranges::upper_bound(first, entries_.end(), key, {}, &Entry::key);
  return {entries_.data() + (first - entries_.begin()), entries_.data() + (last - entries_.begin())};
}

std::string_view Store::line(const Entry& e) const {
  return files_[e.file]->text().substr(e.offset, e.length);
}

StoredRow Store::row(const Entry& e) const {
  Hearer hearer;
  (void)config::stream_json(line(e), hearer);
  return std::move(hearer.row);
}

std::string Store::place(const Entry& e) const {
  const File& file = *files_[e.file];
  return fmt::format("{}:{}", file.path.string(),
                     1 + std::ranges::count(file.text().substr(0, e.offset), '\n'));
}

}  // namespace tideline::sweep
