#include "calib/profile/arguments.h"

#include <charconv>
#include <functional>
#include <map>

#include "calib/profile/families.h"
#include "calib/profile/journal.h"

namespace tideline::profile {

const char* const kHelp =
    R"(tideline-profile: time the kernels of a DeepSeek-V3 layer on this machine's GPU (Hopper, sm_90)

usage: tideline-profile [--out FILE] [--budget SECONDS] [--families a,b] [--resume FILE] [--device N]
       tideline-profile --list | --dry-run [--families a,b] [--budget SECONDS] | --help

  --out FILE         append records to FILE, one JSON object a line (default: standard output)
  --budget SECONDS   stop before so much time has gone by; the order of --dry-run, most wanted first
                     (default: 0, no limit)
  --families a,b     these families only (--list names them, and those that wait to be named)
  --resume FILE      leave out what FILE holds already, and the points of FILE.begun, in which a run ended;
                     goes on in FILE unless --out names another
  --device N         which GPU (default: 0)
  --list             families, points, whether they have ever run on a GPU; what is absent. Needs no GPU
  --dry-run          the plan, point by point, with a guess of its time. Needs no GPU
exit: 0 done, or out of budget; 1 our mistake; 2 bad input; 3 no GPU, library or architecture; 130 interrupted
)";

namespace {

template <class Number>
Number number(const std::string& flag, const std::string& word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !(value >= 0))
    throw UsageError(flag + ": \"" + word + "\" is not a number from 0");
  return value;
}

std::vector<std::string> family_names(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    names.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  for (const std::string& name : names)
    if (find_family(name) == nullptr) {
      std::string known;
      for (const Family& family : kFamilies) known += (known.empty() ? "" : ", ") + std::string(family.name);
      throw UsageError("--families: there is no \"" + name + "\"; there are " + known);
    }
  return names;
}

}  // namespace

Arguments parse_arguments(const std::vector<std::string>& words) {
  Arguments a;
  const std::map<std::string, std::function<void(const std::string&)>> with_value{
      {"--out", [&](const std::string& w) { a.out = w; }},
      {"--resume", [&](const std::string& w) { a.resume = w; }},
      {"--families", [&](const std::string& w) { a.families = family_names(w); }},
      {"--budget", [&](const std::string& w) { a.budget_s = number<double>("--budget", w); }},
      {"--device", [&](const std::string& w) { a.device = number<int>("--device", w); }}};
  const std::map<std::string, bool*> switches{
      {"--list", &a.list}, {"--dry-run", &a.dry_run}, {"--help", &a.help}, {"-h", &a.help}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto found = switches.find(words[i]); found != switches.end()) {
      *found->second = true;
      continue;
    }
    const auto found = with_value.find(words[i]);
    if (found == with_value.end()) throw UsageError("unknown argument \"" + words[i] + "\"; see --help");
    if (i + 1 == words.size()) throw UsageError(words[i] + " wants a value; see --help");
    found->second(words[++i]);
  }
  if (a.out.empty()) a.out = a.resume.empty() ? "-" : a.resume;
  return a;
}

}  // namespace tideline::profile
