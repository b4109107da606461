#include "sim/catalog/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "sim/base/memo.h"

namespace tideline::catalog {
namespace {

namespace fs = std::filesystem;

// A record is a file gpu/h800.json, or a folder llm/deepseek-v3/ with its config.json.
constexpr std::string_view kFolderRecord = "config.json";
constexpr std::size_t kFilesMax = 256;  // kept in memory, some 20 kB each

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  if (!fs::is_directory(folder)) return names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json")
      names.push_back(entry.path().stem().string());
    else if (fs::exists(entry.path() / kFolderRecord))
      names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string models_folder() {
  if (const char* const named = std::getenv("TIDELINE_MODELS"); named && *named) {
    if (fs::is_directory(named)) return named;
    throw InputError(Problem{fmt::format("TIDELINE_MODELS={}", named), 0, 0, "", "this is not a folder", ""});
  }
  for (const char* const folder : {TIDELINE_INSTALLED_MODELS, TIDELINE_SOURCE_MODELS})
    if (fs::is_directory(folder)) return folder;
  throw InputError(Problem{TIDELINE_INSTALLED_MODELS, 0, 0, "", "the folder of models is not here",
                           "set the environment variable TIDELINE_MODELS to it"});
}

config::Document load_record(const std::string& file) {
  static Memo<config::Document> known(kFilesMax);
  return known.get(file, [&] { return config::Document::load(file); })->with({});
}

std::vector<std::string> known_names(const std::string& kind) {
  static Memo<std::vector<std::string>> known(kFilesMax);
  const std::string folder = fmt::format("{}/{}", models_folder(), kind);
  return *known.get(folder, [&] { return names_in(folder); });
}

std::string find_record(const std::string& kind, const std::string& name) {
  const std::vector<std::string> known = known_names(kind);
  const fs::path folder = fs::path(models_folder()) / kind;
  if (std::ranges::find(known, name) != known.end()) {
    const fs::path inside = folder / name / kFolderRecord;
    return fs::exists(inside) ? inside.string() : (folder / (name + ".json")).string();
  }
  const std::string near = nearest(name, known);
  throw InputError(Problem{"models/" + kind, 0, 0, "",
                           fmt::format("unknown name \"{}\": wants one of {}", name, fmt::join(known, ", ")),
                           near.empty() ? "" : fmt::format("did you mean \"{}\"?", near)});
}

std::string read_name(const config::Node& at, std::string_view key, const std::string& kind) {
  const std::vector<std::string> known = known_names(kind);
  return at.choice(key, std::vector<std::string_view>(known.begin(), known.end()));
}

std::string read_name_or_file(const config::Node& at, std::string_view key, const std::string& kind) {
  const std::vector<std::string> known = known_names(kind);
  const std::string text = at.choice_or_file(key, std::vector<std::string_view>(known.begin(), known.end()));
  if (std::ranges::find(known, text) != known.end()) return text;
  const fs::path file = fs::path(at.folder(key)) / text;
  if (fs::is_regular_file(file)) return file.string();
  at.problem(key, "there is no file " + text, "a path is relative to the file it stands in");
  return known.front();
}

Origin read_origin(const config::Node& record) {
  Origin origin{record.text("source"), record.text("as_of")};
  const std::string& date = origin.as_of;
  const bool is_date = date.size() == 10 && date[4] == '-' && date[7] == '-' &&
                       std::ranges::count_if(date, [](char c) { return c >= '0' && c <= '9'; }) == 8;
  if (!date.empty() && !is_date)
    record.problem("as_of", fmt::format("wants a date such as \"2025-02-27\", found \"{}\"", date));
  return origin;
}

std::vector<Assumption> read_assumed(
    const config::Node& record,
    const std::function<double(const config::Node&, std::string_view, std::string_view)>& read) {
  std::vector<Assumption> out;
  const std::optional<config::Node> assumed = record.optional_object("assumed");
  if (!assumed) return out;
  for (const std::string& what : assumed->keys()) {
    const config::Node bounds = assumed->object(what);
    if (record.has(what)) {
      const double low = read(bounds, what, "low"), high = read(bounds, what, "high");
      if (low > high) bounds.problem("low", "is above \"high\"");
      out.push_back({what, low, high, bounds.text("reason")});
    } else {
      assumed->problem(what, fmt::format("the record has no \"{}\"", what));
      bounds.ignore_rest();
    }
  }
  return out;
}

}  // namespace tideline::catalog
