// Inside config: the tree that a Document holds. Each value knows where it stands, and keeps what the getters
// asked of it, so that finish() can refuse the rest and effective() can write it back.
//
// 1. Values do not move once a Document is loaded: Nodes point at them.
// 2. `understood` is empty until a getter has read the value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/error.h"
#include "sim/config/asked.h"

namespace tideline::config {

struct Place {
  std::size_t file = 0;  // index into Store::files
  int line = 0, column = 0;
};

struct Mistake {
  std::string message, suggestion;
};

enum class Kind { kNull, kFlag, kNumber, kText, kList, kObject };

struct Value {
  Kind kind = Kind::kNull;
  std::string key;  // in an object
  Place place, key_place;
  bool flag = false;
  double number = 0.0;
  std::int64_t integer = 0;  // the number again, where `whole`
  bool whole = false;
  std::string text;
  std::vector<Value> items;  // of a list or an object, in file order

  bool read = false, ignored = false, refused = false;
  bool names_a_file = false;                                 // a reader asked which folder it is relative to
  std::string understood;                                    // canonical JSON of what a getter returned
  std::map<std::string, std::string, std::less<>> defaults;  // of an object: the same for absent keys
  std::map<std::string, Asked, std::less<>> asked;  // of an object: every key that somebody asked for
  const Form* element_of = nullptr;                 // what an element of a list was read as
  bool keys_are_names = false;                      // of an object: the file's own, not ours
  Mistake unknown;                                  // of an object: what to say of other keys

  [[nodiscard]] Value* find(std::string_view name) {
    for (Value& item : items)
      if (item.key == name) return &item;
    return nullptr;
  }
};

struct SourceFile {
  std::string name;    // as it stands before an error: a path, or "--set a.b=c"
  std::string folder;  // for paths relative to it
};

struct Store {
  std::vector<SourceFile> files;
  Value root;
  std::vector<std::pair<Place, Problem>> problems;
  bool finished = false;  // the reader came to its end

  [[nodiscard]] Problem problem(const Place& at, std::string pointer, Mistake mistake) const {
    return {files[at.file].name,          at.line, at.column, std::move(pointer), std::move(mistake.message),
            std::move(mistake.suggestion)};
  }
};

// A key beginning with "_" is a remark; "$schema" is one to editors.
inline bool is_remark(std::string_view key) {
  return key.starts_with('_') || key == "$schema";
}

// `pointer` with one more step, escaped as RFC 6901 wants.
std::string below(const std::string& pointer, std::string_view key);
// What stands there, for a message: `the number 80`, `the text "abc"`, `a list`.
std::string found(const Value& value);
// "text" as JSON.
std::string in_quotes(std::string_view text);
std::string join(const std::vector<std::string>& words);

}  // namespace tideline::config
