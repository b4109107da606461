// What the tests of config share: read a text with a function, and say what came of it.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "sim/config/node.h"

namespace tideline::config {

using Reader = std::function<void(const Node&)>;

inline void read_nothing(const Node&) {}

// Everything that was wrong, as a user sees it; "" when nothing was.
inline std::string mistakes(const std::string& text, const Reader& read) {
  try {
    const Document document = Document::parse(text, "a.json");
    read(document.root());
    document.finish();
    return "";
  } catch (const InputError& e) {
    return e.what();
  }
}

inline std::string effective(const std::string& text, const Reader& read) {
  const Document document = Document::parse(text, "a.json");
  read(document.root());
  document.finish();
  return document.effective();
}

// A folder of its own to work in, so that messages show the paths as a test writes them.
class Folder {
 public:
  Folder() : before_(std::filesystem::current_path()) {
    std::string name = (std::filesystem::temp_directory_path() / "tideline-config-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    here_ = name;
    std::filesystem::current_path(here_);
  }
  ~Folder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(here_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& file, const std::string& text) const {
    const auto folder = std::filesystem::path(file).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    std::ofstream(file) << text;
  }

 private:
  std::filesystem::path before_, here_;
};

}  // namespace tideline::config
