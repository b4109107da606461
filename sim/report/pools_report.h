// Renders the day of several pools: each beside the others and all together. What one of them did alone is a
// result like any other.
#pragma once

#include <string>

#include "sim/pools/pools.h"

namespace tideline::report {

// One screen: a column a pool, and one of all together beside what was published.
std::string pools_text(const pools::PooledResult& result);
// All together by hour, and of each pool all that json() says of it.
std::string pools_json(const pools::PooledResult& result);
// "key,pool,value" lines: the headlines of each, and of all together, whose pool is empty.
std::string pools_summary_csv(const pools::PooledResult& result);
// One line an hour of all together.
std::string pools_hourly_csv(const pools::PooledResult& result);

}  // namespace tideline::report
