#include "calib/fit/measurements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <tuple>
#include <utility>

namespace tideline::calib {
namespace {

using kernels::FamilyInfo;

using LeftOut = std::map<std::string, int>;

std::set<std::string> libraries_of(const std::vector<Record>& records) {
  std::set<std::string> libraries;
  for (const Record& r : records) libraries.insert(r.library_name);
  return libraries;
}

// Those of `libraries`; of a family whose kernels are all different, all.
std::vector<Record> of_libraries(const FamilyInfo& info, const std::vector<Record>& records,
                                 const std::set<std::string>& libraries, LeftOut& left_out) {
  std::vector<Record> of;
  for (const Record& r : records) {
    if (info.id == kernels::FamilyId::kStreaming || libraries.contains(r.library_name))
      of.push_back(r);
    else
      ++left_out[fmt::format("{}: of {}, the family is fitted to {}", info.name, r.library_name,
                             fmt::join(libraries, " and "))];
  }
  return of;
}

// The library that measured most places; of several the first by name.
std::string most_measured(const std::vector<Record>& records) {
  std::map<std::string, std::vector<Record>> by_library;
  for (const Record& r : records) by_library[r.library_name].push_back(r);
  return std::ranges::max_element(by_library, {}, [](const auto& l) { return places(l.second); })->first;
}

}  // namespace

std::size_t places(const std::vector<Record>& records) {
  std::set<std::tuple<std::int64_t, std::int64_t, double, double>> places;
  for (const Record& r : records) places.insert({r.at.a, r.at.b, r.at.s, r.at.x});
  return places.size();
}

Measurements measurements(const FamilyInfo& info, std::vector<Record> table, const FromRecords& records,
                          bool prefer_records, LeftOut& left_out) {
  const auto found = records.families.find(info.id);
  if (found == records.families.end()) return {.all = std::move(table)};
  const std::vector<Record>& recorded = found->second;
  if (table.empty() || prefer_records) {
    const std::string library = most_measured(recorded);
    LeftOut others;
    std::vector<Record> alone = of_libraries(info, recorded, {library}, others);
    if (places(alone) >= kPlacesMin) {
      for (const auto& [reason, n] : others) left_out[reason] += n;
      const auto count = static_cast<int>(alone.size());
      return {.all = std::move(alone), .records = count, .records_alone = true};
    }
    if (table.empty()) {
      const std::string most = info.id == kernels::FamilyId::kStreaming
                                   ? fmt::format("these are of {}", places(alone))
                                   : fmt::format("the most are of {}: {}", library, places(alone));
      left_out[fmt::format("{}: a family without a table wants {} places or more of one library, {}",
                           info.name, kPlacesMin, most)] += static_cast<int>(recorded.size());
      return {};
    }
  }
  const std::vector<Record> beside = of_libraries(info, recorded, libraries_of(table), left_out);
  table.insert(table.end(), beside.begin(), beside.end());
  return {.all = std::move(table), .records = static_cast<int>(beside.size())};
}

}  // namespace tideline::calib
