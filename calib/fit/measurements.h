// Which measurements a family is fitted to: the rows of its table and the records of their library beside
// them, or records alone, of one library and eight places or more: where there is no table, or records are
// preferred to it. The library is the one with most places; of several the first by name.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "calib/fit/fit_family.h"
#include "calib/fit/from_records.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {

struct Measurements {
  std::vector<Record> all;
  int records = 0;             // among them, the rest being rows of the table
  bool records_alone = false;  // there are no rows among them
};

// Fewer say too little of a family.
constexpr std::size_t kPlacesMin = 8;
std::size_t places(const std::vector<Record>& records);

// `table`: its rows, empty where there is none. What does not serve is counted in `left_out`, by reason.
Measurements measurements(const kernels::FamilyInfo& info, std::vector<Record> table,
                          const FromRecords& records, bool prefer_records,
                          std::map<std::string, int>& left_out);

}  // namespace tideline::calib
