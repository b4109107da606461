#include "tools/output_files.h"

#include "sim/base/error.h"
#include "tools/interruption.h"

namespace tideline::tools {

namespace fs = std::filesystem;

NewFile::NewFile(fs::path path) : path_(std::move(path)), part_(path_.string() + ".part") {
  guard_file(part_);
  out_.open(part_, std::ios::binary);
  if (out_) return;
  release_file(part_);
  throw InputError({.file = path_.string(), .message = "cannot be written"});
}

NewFile::~NewFile() {
  std::error_code gone;
  fs::remove(part_, gone);
  release_file(part_);
}

void NewFile::finish() {
  out_.close();
  if (!out_) throw InputError({.file = path_.string(), .message = "cannot be written"});
  std::error_code failed;
  fs::rename(part_, path_, failed);
  if (failed) throw InputError({.file = path_.string(), .message = "cannot be written: " + failed.message()});
}

void write_all(const std::string& folder, const std::vector<std::pair<std::string, std::string>>& files) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw InputError({.file = folder, .message = "cannot make this folder: " + failed.message()});
  for (const auto& [name, text] : files) {
    NewFile file(fs::path(folder) / name);
    file.out() << text;
    file.finish();
  }
}

std::string folder_of(const std::string& file) {
  const fs::path path(file);
  return path.has_parent_path() ? path.parent_path().string() : ".";
}

void write_one(const std::string& file, std::string text) {
  write_all(folder_of(file), {{fs::path(file).filename().string(), std::move(text)}});
}

}  // namespace tideline::tools
