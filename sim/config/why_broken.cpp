#include <fmt/format.h>

#include <algorithm>

#include "sim/config/parse.h"

namespace tideline::config {
namespace {

// The piece that was not understood, short enough for a message.
std::string_view word_at(std::string_view text, std::size_t start) {
  const std::size_t end = text.find_first_of(" \t\r\n,:{}[]\"", start + 1);
  return text.substr(start, std::min<std::size_t>(end - start, 24));
}

std::string opened(const Stop::Open& open) {
  return fmt::format("'{}' of line {}, column {}", open.bracket, open.place.line, open.place.column);
}

std::string why_closer(const Stop& stop, char bracket, bool comma) {
  if (stop.after == Stop::After::kKey) return fmt::format("the key before '{}' has no value", bracket);
  if (stop.open.empty()) return fmt::format("'{}' closes nothing", bracket);
  if ((stop.open.back().bracket == '{') != (bracket == '}'))
    return fmt::format("'{}' cannot close the {}", bracket, opened(stop.open.back()));
  if (comma) return fmt::format("there is one comma too many before '{}'", bracket);
  return fmt::format("'{}' is not expected here", bracket);
}

std::string why_text(const Stop& stop) {
  const std::string_view rest = stop.text.substr(stop.start + 1);
  if (rest.find('"') > rest.find('\n')) return "this text has no closing quote on its line";
  if (rest.find('"') == rest.npos) return "this text has no closing quote";
  return "this text holds what JSON does not allow: a control character, an unknown \\-escape or broken "
         "UTF-8";
}

}  // namespace

std::string why_broken(const Stop& stop) {
  const std::string_view between = stop.text.substr(stop.last_end, stop.start - stop.last_end);
  const auto commas = std::ranges::count(between, ',');
  if (stop.start == stop.text.size()) {
    if (stop.after == Stop::After::kStart) return "the file is empty";
    if (stop.open.empty()) return "nothing may follow the end of the document";
    return fmt::format("the file ends before the {} is closed", opened(stop.open.back()));
  }
  const char c = stop.text[stop.start];
  if (c == '/' || c == '#') return "JSON has no comments; a key that begins with \"_\" is a remark";
  if (c == '\'') return "text stands in double quotes, not in single ones";
  if (stop.after != Stop::After::kStart && stop.open.empty())
    return fmt::format("nothing may follow the end of the document, found '{}'",
                       word_at(stop.text, stop.start));
  if (c == '}' || c == ']') return why_closer(stop, c, commas > 0);
  if (commas > 1 || (commas == 1 && stop.after == Stop::After::kOpen))
    return "there is one comma too many before this";
  if (stop.after == Stop::After::kKey && between.find(':') == between.npos)
    return "a colon is missing between the key and this";
  if (stop.after == Stop::After::kValue && commas == 0) return "a comma is missing before this";
  const bool wants_key =
      !stop.open.empty() && stop.open.back().bracket == '{' && stop.after != Stop::After::kKey;
  if (c == '"') return why_text(stop);
  if (wants_key)
    return fmt::format("a key in double quotes is wanted, found '{}'", word_at(stop.text, stop.start));
  return fmt::format(
      "'{}' is not a value: text stands in double quotes; the others are numbers, true, false, null, "
      "objects and lists",
      word_at(stop.text, stop.start));
}

}  // namespace tideline::config
