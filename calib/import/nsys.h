// Nsight Systems' SQLite export (`nsys export --type sqlite`) -> Trace.
#pragma once

#include <string>

#include "calib/import/trace.h"

namespace tideline::calib {

// The export makes its tables only when there is something to put in, and their columns differ between
// versions: kernels, their names and launch calls are wanted; copies, NVTX ranges and the GPU's description
// are taken where they are. trace.notes says what the export itself says it lacks.
// Fails: throws InputError: not a database, broken, a table or column that is missing (with the option of
// nsys that makes it), a field of another type, a query that does more work than any such file asks for.
Trace read_nsys(const std::string& file);

}  // namespace tideline::calib
