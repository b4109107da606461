// Files of results, of which none is ever half there: each is written under a temporary name and renamed when
// it is whole; what was not finished is taken away, by an error or by a signal (interruption.h).
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace tideline::tools {

class NewFile {
 public:
  // Fails: InputError where it cannot be written, here and in finish().
  explicit NewFile(std::filesystem::path path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();
  std::ostream& out() { return out_; }
  // For what can only be written by name.
  [[nodiscard]] const std::filesystem::path& part() const { return part_; }
  void finish();

 private:
  std::filesystem::path path_, part_;
  std::ofstream out_;
};

// Makes the folder where it is missing, then the files in it.
void write_all(const std::string& folder, const std::vector<std::pair<std::string, std::string>>& files);
std::string folder_of(const std::string& file);
void write_one(const std::string& file, std::string text);

}  // namespace tideline::tools
