#include "calib/fit/sources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace tideline::calib {
namespace {

using kernels::Coordinates;
using kernels::Sample;

auto curve_of(const Coordinates& at) {
  return std::tuple(at.a, at.b, at.s);
}

}  // namespace

std::string cited(const Record& record) {
  return fmt::format("{}{}{} ({})", record.source, record.date.empty() ? "" : ", ", record.date,
                     record.library);
}

std::vector<std::string> cited(const std::vector<Record>& records) {
  std::set<std::string> sources;
  for (const Record& r : records) sources.insert(cited(r));
  return {sources.begin(), sources.end()};
}

nlohmann::ordered_json sources_by_sample(const std::vector<Sample>& samples,
                                         const std::vector<Record>& records,
                                         const std::vector<std::string>& sources) {
  std::map<std::tuple<std::int64_t, std::int64_t, double, double>, std::set<std::ptrdiff_t>> of;
  for (const Record& r : records)
    of[{r.at.a, r.at.b, r.at.s, r.at.x}].insert(std::ranges::find(sources, cited(r)) - sources.begin());
  auto out = nlohmann::ordered_json::array();
  for (std::size_t first = 0, last = 0; first < samples.size(); first = last) {
    std::set<std::ptrdiff_t> pooled;
    for (; last < samples.size(); ++last) {
      const Coordinates &at = samples[last].at, &before = samples[first].at;
      if (curve_of(at) != curve_of(before) || samples[last].time != samples[first].time) break;
      pooled.merge(std::set(of.at({at.a, at.b, at.s, at.x})));
    }
    for (std::size_t i = first; i < last; ++i) out.push_back(fmt::format("{}", fmt::join(pooled, " ")));
  }
  return out;
}

}  // namespace tideline::calib
