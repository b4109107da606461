// Inside config: in which forms a reader wanted a value. Every getter leaves this beside what it read, or
// beside the key that was not there.
#pragma once

#include <string>
#include <vector>

#include "sim/config/measure.h"

namespace tideline::config {

struct Form {
  enum class Kind {
    kText,
    kChoice,        // one of `known`
    kChoiceOrFile,  // one of `known`, or the path of a file
    kNumber,
    kFraction,
    kCount,     // a whole number of 0 or more
    kPositive,  // of 1 or more
    kFlag,
    kQuantity,  // of `measure`
    kPrice,
    kClock,
    kLocalTime,  // kClock, or that of a date
    kObject,
    kList,
  };
  Kind kind{};
  Measure measure{};
  std::vector<std::string> known{};
  bool operator==(const Form&) const = default;
};

// Of one key of an object.
struct Asked {
  std::vector<Form> forms;            // empty: somebody looked whether it is there, and no more
  std::vector<std::string> defaults;  // canonical JSON of what stands for an absent key
  bool may_be_null = false;
  bool kind_matters = false;  // the reader looked whether it is a text, or a list, before it asked

  void wants(const Form& form);
  void or_else(const std::string& absent);
  void add(const Asked& other);
};

}  // namespace tideline::config
