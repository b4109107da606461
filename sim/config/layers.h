// Inside config: what lies over and under a file. "extends" puts another file underneath, overrides put
// single values on top, a variant what is said of it alone. (What null takes away: as RFC 7396 has it.)
#pragma once

#include <string>

#include "sim/config/value.h"

namespace tideline::config {

// Reads a file and the files it extends into store.root; store.files gets their names in that order.
// Fails: throws InputError on a file that cannot be read, on broken JSON, on files that extend each other.
void read_file(Store& store, const std::string& file);
// The same for a text already read.
void read_text(Store& store, const std::string& text, const std::string& name);

// Lays `top` over `under`: objects merge, everything else replaces; null takes away what is there.
void lay_over(Value& under, Value&& top);

// One "path.to.key=value". Steps are keys, or numbers counted from 0 in a list; a key that itself holds dots
// is found if it is there already. Keys that are missing are made, for finish() to refuse; null takes a key
// away. Fails: throws
// InputError on a path that leads through something that has no keys.
void apply_override(Store& store, const std::string& text);

}  // namespace tideline::config
