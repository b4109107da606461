#include "calib/fit/measurements.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <tuple>
#include <utility>

namespace tideline::calib {
namespace {

using kernels::FamilyInfo;

// Fewer say too little of a family.
constexpr std::size_t kPlacesMin = 8;

// "DeepGEMM v2, graph, L2 rotated" is DeepGEMM.
std::string library_of(const std::string& label) {
  return label.substr(0, std::min(label.find(" v"), label.find(", ")));
}

// Those of the libraries of `like`; of a family whose kernels are all different, all.
std::vector<Record> of_library(const FamilyInfo& info, const std::vector<Record>& records,
                               const std::vector<Record>& like, std::map<std::string, int>& left_out) {
  std::set<std::string> libraries;
  for (const Record& r : like) libraries.insert(library_of(r.library));
  std::vector<Record> of;
  for (const Record& r : records) {
    if (info.id == kernels::FamilyId::kStreaming || libraries.contains(library_of(r.library)))
      of.push_back(r);
    else
      ++left_out[fmt::format("{}: of {}, the family is fitted to {}", info.name, library_of(r.library),
                             *libraries.begin())];
  }
  return of;
}

std::size_t places(const std::vector<Record>& records) {
  std::set<std::tuple<std::int64_t, std::int64_t, double, double>> places;
  for (const Record& r : records) places.insert({r.at.a, r.at.b, r.at.s, r.at.x});
  return places.size();
}

}  // namespace

Measurements measurements(const FamilyInfo& info, std::vector<Record> table, const FromRecords& records,
                          bool prefer_records, std::map<std::string, int>& left_out) {
  const auto found = records.families.find(info.id);
  if (found == records.families.end()) return {.all = std::move(table)};
  if (table.empty() || prefer_records) {
    std::map<std::string, int> others;
    std::vector<Record> alone = of_library(info, found->second, {found->second.front()}, others);
    const auto count = static_cast<int>(alone.size());
    if (places(alone) >= kPlacesMin) {
      left_out.merge(others);
      return {.all = std::move(alone), .records = count, .records_alone = true};
    }
    if (table.empty()) {
      left_out.merge(others);
      left_out[fmt::format("{}: a family without a table wants {} places or more", info.name, kPlacesMin)] +=
          count;
      return {};
    }
  }
  const std::vector<Record> beside = of_library(info, found->second, table, left_out);
  table.insert(table.end(), beside.begin(), beside.end());
  return {.all = std::move(table), .records = static_cast<int>(beside.size())};
}

}  // namespace tideline::calib
