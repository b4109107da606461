// Text as a field of a table with commas (RFC 4180): in quotes where it needs them.
#pragma once

#include <string>
#include <string_view>

namespace tideline {

inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

}  // namespace tideline
