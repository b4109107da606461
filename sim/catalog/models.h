// The folder of facts, models/: where it is, what it holds, and what every record in it must say of itself.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/node.h"

namespace tideline::catalog {

// What has no measured source: a value with the reason for it and the range it may lie in, in SI units.
struct Assumption {
  std::string what;  // the key of the record
  double low = 0.0, high = 0.0;
  std::string reason;
};

// The folder: TIDELINE_MODELS of the environment, else the installed one, else the source tree's.
// Fails: throws InputError when TIDELINE_MODELS is no folder, or when there is none of them.
std::string models_folder();

// Names of the records of a kind ("gpu", "llm"), sorted.
std::vector<std::string> known_names(const std::string& kind);

// The file of a record. Fails: throws InputError naming the known records.
std::string find_record(const std::string& kind, const std::string& name);
// What stands in it, or in another file of its folder: a program reads each file of the folder of models
// once.
config::Document load_record(const std::string& file);

// The name that `key` gives, which is one of the known ones whatever the scenario says: an unknown name is
// recorded as a problem there.
std::string read_name(const config::Node& at, std::string_view key, const std::string& kind);
// The same, or the path of a file of one's own, given relative to the file it stands in; a file that is not
// there is a problem, and the first known name stands for it.
std::string read_name_or_file(const config::Node& at, std::string_view key, const std::string& kind);

// "source" and "as_of" (a date), which no record may lack.
struct Origin {
  std::string source, as_of;
};
Origin read_origin(const config::Node& record);

// "assumed": {"<key>": {"low": ..., "high": ..., "reason": ...}}; each key must stand in the record, and
// `read` gives the value of "low" and "high" in SI units.
std::vector<Assumption> read_assumed(
    const config::Node& record,
    const std::function<double(const config::Node&, std::string_view what, std::string_view bound)>& read);

}  // namespace tideline::catalog
