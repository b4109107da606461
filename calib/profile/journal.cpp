#include "calib/profile/journal.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "calib/profile/record.h"

namespace tideline::profile {
namespace {

std::FILE* open(const std::string& path) {
  if (path == "-") return stdout;
  std::FILE* file = std::fopen(path.c_str(), "ab");
  if (file == nullptr) throw UsageError(path + ": cannot be written: " + std::strerror(errno));
  return file;
}

int close(std::FILE* file) {
  return file == stdout ? 0 : std::fclose(file);
}

}  // namespace

std::set<std::string> read_keys(const std::string& path, bool mend) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError(path + ": cannot be read: " + std::strerror(errno));
  std::stringstream buffer;
  buffer << file.rdbuf();
  std::string text = buffer.str();
  const std::size_t whole = text.find_last_of('\n') + 1;  // npos + 1 is 0: no whole line at all
  if (whole < text.size()) {
    text.resize(whole);
    if (mend) std::filesystem::resize_file(path, whole);
  }

  std::set<std::string> keys;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty()) continue;
    const std::string key = key_of_line(line);
    if (key.empty()) throw UsageError(path + ":" + std::to_string(number) + ": not a record of this program");
    if (key != kSentinel) keys.insert(key);
  }
  return keys;
}

std::string begun_path(const std::string& records) {
  return records + ".begun";
}

std::set<std::string> read_begun(const std::string& records) {
  std::set<std::string> keys;
  std::ifstream file(begun_path(records), std::ios::binary);
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) keys.insert(line);
  return keys;
}

Begun::Begun(const std::string& records, bool resumed) : path_(records == "-" ? "" : begun_path(records)) {
  std::error_code not_there;
  if (!path_.empty() && !resumed) std::filesystem::remove(path_, not_there);
}

void Begun::begin(const std::string& key) {
  if (path_.empty()) return;
  std::error_code not_there;
  const std::uintmax_t size = std::filesystem::file_size(path_, not_there);
  ended_at_ = not_there ? 0 : size;
  std::ofstream file(path_, std::ios::binary | std::ios::app);
  file << key << '\n' << std::flush;
  if (!file) throw UsageError(path_ + ": cannot be written: " + std::strerror(errno));
}

void Begun::end() {
  if (path_.empty()) return;
  std::error_code gone;  // somebody took the file away meanwhile: nothing is left to take
  if (ended_at_ > 0)
    std::filesystem::resize_file(path_, ended_at_, gone);
  else
    std::filesystem::remove(path_, gone);
}

Journal::Journal(const std::string& path) : file_(open(path), close) {}

void Journal::add(const std::string& line) {
  if (std::fputs(line.c_str(), file_.get()) < 0 || std::fflush(file_.get()) != 0)
    throw std::runtime_error(std::string("cannot write a record: ") + std::strerror(errno));
}

}  // namespace tideline::profile
