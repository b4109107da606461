// Writes the files of a result so that none is ever half there: each under a temporary name first, then
// renamed.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.h"

namespace tideline::tools {

inline void write_all(const std::string& folder,
                      const std::vector<std::pair<std::string, std::string>>& files) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw InputError({.file = folder, .message = "cannot make this folder: " + failed.message()});
  for (const auto& [name, text] : files) {
    const fs::path path = fs::path(folder) / name, part = path.string() + ".part";
    std::ofstream out(part, std::ios::binary);
    out << text;
    out.close();
    if (!out) throw InputError({.file = path.string(), .message = "cannot be written"});
    fs::rename(part, path, failed);
    if (failed)
      throw InputError({.file = path.string(), .message = "cannot be written: " + failed.message()});
  }
}

inline std::string folder_of(const std::string& file) {
  const std::filesystem::path path(file);
  return path.has_parent_path() ? path.parent_path().string() : ".";
}

// One file, in a folder that is made where it is missing.
inline void write_one(const std::string& file, std::string text) {
  write_all(folder_of(file), {{std::filesystem::path(file).filename().string(), std::move(text)}});
}

}  // namespace tideline::tools
