// Inside report: where two JSON values differ, leaf by leaf.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tideline::report {

struct Difference {
  std::string path;                           // "decode.nodes", "fleet.schedule.3.from"
  const nlohmann::ordered_json* a = nullptr;  // null: not there
  const nlohmann::ordered_json* b = nullptr;
};

// Every leaf in which they differ, by path; remarks (keys that begin with "_") are none. REQUIRES: both
// values outlive the answer.
std::vector<Difference> differences(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b);

// Leaves that are numbers and stand in both, changed or not.
std::vector<Difference> numbers_of_both(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b);

}  // namespace tideline::report
