// Records (calib/records) as measurements of a fit: only those that time what the tables of their family
// time, merged by the rules of calib/records/merge.h; each other one is named with its reason, never merged
// in.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "calib/fit/fit_family.h"
#include "calib/records/record.h"
#include "sim/catalog/hardware.h"

namespace tideline::calib {

// The same kernel alone and beside an all-to-all.
struct ContentionPair {
  std::string op, bound;  // bound: "tensor" or "streaming"
  double alone_us = 0.0, beside_us = 0.0;
};

struct FromRecords {
  std::map<kernels::FamilyId, std::vector<Record>> families;
  std::vector<ContentionPair> pairs;
  std::map<std::string, int> left_out;  // how many, by reason
};

// Each way of timing (mode, L2) of a library's major version becomes a version of its own, which is put on a
// level with the others (calib/fit/versions.h); published records of a version are runs of its table rows.
// Fails: throws InputError when a record is of another GPU, of a card of the same name with other SMs, or of
// a part of one (MIG).
FromRecords from_records(const std::vector<records::Record>& all, const catalog::Gpu& gpu);

}  // namespace tideline::calib
