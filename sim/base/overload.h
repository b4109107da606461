// The answer "no" of a run that cannot come to a result: more load than it can hold to its end. tools/ exits
// 3, as for a result that says so.
#pragma once

#include "sim/base/error.h"

namespace tideline {

class Overload : public InputError {
 public:
  using InputError::InputError;
};

}  // namespace tideline
