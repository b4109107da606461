// Inside config: what was asked for, merged over many readings: all the keys that a kind of document may
// have.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sim/config/value.h"

namespace tideline::config {

// One value, over all readings.
struct Wanted {
  Asked asked;
  std::map<std::string, Wanted> keys;  // of an object
  bool keys_are_names = false;         // of the file's own: any other key may be there as well
  std::unique_ptr<Wanted> element;     // of a list

  // Adds what was asked of `value`, and of all below it.
  void add(const Value& value);
};

}  // namespace tideline::config
