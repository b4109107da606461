// Texts of foreign files as valid UTF-8, which a record is written in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tideline::calib {

// The text up to `length_max` bytes, ending with a whole character; a byte that is of no character becomes
// U+FFFD.
std::string as_utf8(std::string_view text, std::size_t length_max = std::string_view::npos);

}  // namespace tideline::calib
