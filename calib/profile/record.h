// From a point and its timings to a record (calib/records/record.h), and what makes two records the same
// measurement, so that a run can go on where another stopped.
#pragma once

#include <cstdint>
#include <string>

#include "calib/profile/point.h"
#include "calib/profile/statistics.h"
#include "calib/records/record.h"

namespace tideline::profile {

// What holds for all records of a run.
struct RunFacts {
  records::Device device;
  records::Run run;
  std::int64_t cublaslt = 0, cudnn = 0;  // versions as the libraries number them; 0: not there
  std::string nvcc, git;
};

// 130100 is "13.1.0", as cuBLAS and cuDNN number their versions.
std::string dotted_version(std::int64_t number);

// Everything that is known before the first launch. mode: cold, graph or host; in a key also begun, which is
// the point in all its ways.
records::Record start_record(const RunFacts& run, const Point& point, const std::string& mode);

records::Times to_times(const Statistics& us);

// Op, shape, SMs, mode, version of the timing, device and versions of the libraries. Empty for a line that is
// no record; kSentinel for a sentinel, which is measured again and again.
std::string key_of_line(const std::string& line);
std::string key_of(const RunFacts& run, const Point& point, const std::string& mode);
extern const std::string kSentinel;

}  // namespace tideline::profile
