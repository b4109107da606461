// A trace and its rules -> records, and how much of the trace the rules explain. A record is handed on as
// soon as it is made, so that any number of them takes the memory of one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "calib/import/overlap.h"
#include "calib/import/rules.h"
#include "calib/import/trace.h"
#include "calib/records/record.h"

namespace tideline::calib {

// What a share of time with others means: below kAloneBelow alone, from kBesideFrom on beside, else partly.
inline constexpr float kAloneBelow = 0.02F, kBesideFrom = 0.98F;
std::string_view company_of(const Shares& shares);

// Kernels that one rule gave one shape.
struct Group {
  std::int32_t rule = 0;
  std::vector<std::int64_t> shape;  // in the order of the rule
  records::Work work;
  records::Whole sms;
};

struct Applied {
  std::vector<Group> groups;
  std::vector<std::int32_t> group_of;   // by kernel; -1: unmapped
  std::vector<std::int32_t> range_of;   // by kernel, into trace.ranges; -1: none
  std::vector<Shares> shares;           // by kernel
  std::vector<std::uint32_t> in_order;  // kernels by order of launch
  std::vector<std::string> whys;  // reasons why kernels that match a rule are unmapped, by name of kernel
};

Applied apply_rules(const Trace& trace, const Rules& rules);

struct Unmapped {
  std::string kernel;
  std::size_t count = 0;
  double time_us = 0.0;
  std::string why;
};

using TakeRecord = std::function<void(const records::Record&)>;

struct Summary {
  std::size_t made = 0;                                        // records
  std::size_t kernels = 0, alone = 0, partly = 0, beside = 0;  // mapped ones by company
  double time_us = 0.0, mapped_us = 0.0;
  std::vector<Unmapped> unmapped;  // most time first
  std::vector<std::string> notes;  // of the trace

  // Of the kernel time; of the kernels where none has a time, as in a table of which no row fits.
  [[nodiscard]] double share(const Unmapped& u) const {
    return time_us > 0.0 ? u.time_us / time_us : static_cast<double>(u.count) / static_cast<double>(kernels);
  }
};

struct Imported : Summary {
  std::vector<records::Record> records;  // all of them, for those who have the memory
};

// One record for each rule, shape, company and kind of GPU; time_us over its kernels. Fails: throws
// InputError when neither trace nor rules name the GPU and its SMs.
Summary import_trace(const Trace& trace, const Rules& rules, const TakeRecord& take);
Imported import_trace(const Trace& trace, const Rules& rules);

}  // namespace tideline::calib
