// Why a record is no measurement of its family: it times something else than the tables, its shape has no
// place among theirs, or its time cannot be.
#pragma once

#include <string>

#include "calib/records/record.h"
#include "sim/catalog/hardware.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {

// None for a family that is not fitted.
const kernels::FamilyInfo* family_of(const std::string& name);

// Marked by whoever measured it.
bool is_bad(const records::Record& r);

// Empty: it is one, alone or beside others. `info`: family_of(r.family).
std::string why_not(const records::Record& r, const kernels::FamilyInfo* info, const catalog::Gpu& gpu);

// Whether its time can be that of its shape at all; empty: it can, or its family says nothing of that. At
// least half of the roofline of its place (kernels whose operands stay in the L2 were measured at 0.8 of it)
// and half a microsecond; at most 100 times the roofline and 10 us (rows of the tables: 2.5 times).
std::string why_not_by_time(const records::Record& r, const kernels::FamilyInfo* info,
                            const catalog::Gpu& gpu);

// Where a record stands among the measurements of its family. REQUIRES: why_not() is empty.
kernels::Coordinates place_of(const records::Record& r, kernels::FamilyId id);

}  // namespace tideline::calib
