// What is told of a minute, or of several together, by the names that the series has. Inside report.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "sim/scenario/result.h"

namespace tideline::report {

struct Column {
  std::string_view name;
  std::function<double(const metrics::Minute&)> value;
};

// good and good_output_tokens only where there are SLOs.
std::vector<Column> columns(const scenario::Result& result);

}  // namespace tideline::report
