// A run from the first launch to the last record: warms the card up, takes the points in order, repeats the
// drift sentinels between families, stops within the budget.
#pragma once

#include "calib/profile/arguments.h"

namespace tideline::profile {

// Exit code: 0 done or out of budget, 130 interrupted. Talks on standard error.
// Fails: UsageError; Unavailable when there is no GPU, library or architecture for it; DeviceError when the
// device was lost; what was measured is in the file then, and the point is passed over by a resumed run.
int run_session(const Arguments& arguments);

}  // namespace tideline::profile
