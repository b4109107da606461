#include "calib/import/utf8.h"

#include <algorithm>

namespace tideline::calib {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Bytes of the character that the text begins with; 0: it begins with none. Unicode 15, table 3-7: no
// overlong form, no surrogate, nothing beyond U+10FFFF.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  return length;
}

}  // namespace

std::string as_utf8(std::string_view text, std::size_t length_max) {
  std::string out;
  while (!text.empty()) {
    const std::size_t bytes = character(text);
    const std::string_view next = bytes > 0 ? text.substr(0, bytes) : kReplacement;
    if (next.size() > length_max - out.size()) break;
    out += next;
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return out;
}

}  // namespace tideline::calib
