// JSON told piece by piece, for files that are data and not scenarios: traces, larger than a tree of them
// could be held. Memory is that of the longest text in the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

namespace tideline::config {

struct JsonNumber {
  double value = 0.0;
  bool whole = false;  // then exactly:
  std::uint64_t magnitude = 0;
  bool negative = false;
};

class JsonListener {
 public:
  virtual ~JsonListener() = default;
  virtual void key(std::string_view) {}
  virtual void number(const JsonNumber&) {}
  virtual void text(std::string_view) {}
  virtual void flag_or_null() {}
  virtual void open(char) {}   // '{' or '['
  virtual void close(char) {}  // '}' or ']'
};

struct JsonMistake {
  int line = 1, column = 1;  // of the character at which the text stopped being JSON
  std::string message;
};

// One JSON value and nothing after it. Gives the mistake that ended it, if one did: what was told before
// stands.
std::optional<JsonMistake> stream_json(std::string_view text, JsonListener& listener);
std::optional<JsonMistake> stream_json(std::istream& in, JsonListener& listener);

// A text as JSON writes it, in quotes.
std::string json_text(std::string_view text);

}  // namespace tideline::config
