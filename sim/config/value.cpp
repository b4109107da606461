#include "sim/config/value.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tideline::config {

std::string below(const std::string& pointer, std::string_view key) {
  std::string out = pointer + "/";
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::string found(const Value& value) {
  switch (value.kind) {
    case Kind::kNull:
      return "null";
    case Kind::kFlag:
      return value.flag ? "true" : "false";
    case Kind::kNumber:
      return value.whole ? fmt::format("the number {}", value.integer)
                         : fmt::format("the number {}", value.number);
    case Kind::kText:
      return "the text " + in_quotes(value.text);
    case Kind::kList:
      return "a list";
    case Kind::kObject:
      return "an object";
  }
  return "";
}

std::string in_quotes(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace tideline::config
