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

Journal::Journal(const std::string& path) : file_(open(path), close) {}

void Journal::add(const std::string& line) {
  if (std::fputs(line.c_str(), file_.get()) < 0 || std::fflush(file_.get()) != 0)
    throw std::runtime_error(std::string("cannot write a record: ") + std::strerror(errno));
}

}  // namespace tideline::profile
