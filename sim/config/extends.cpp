#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/config/layers.h"
#include "sim/config/parse.h"

namespace tideline::config {
namespace {

namespace fs = std::filesystem;

std::string folder_of(const std::string& file) {
  const std::string folder = fs::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

// The text of a file, or why it cannot be read.
std::string slurp(const std::string& file, std::string& why) {
  if (fs::is_directory(file)) return why = "it is a folder", "";
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return why = std::strerror(errno), "";
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string resolve(const Value& extends, const std::string& folder) {
  const fs::path path(extends.text);
  if (path.is_absolute() || folder == ".") return path.string();
  return (fs::path(folder) / path).lexically_normal().string();
}

void refuse_circle(const Store& store, const Place& at, const std::string& next) {
  const auto same = [&](const SourceFile& f) {
    return fs::weakly_canonical(f.name) == fs::weakly_canonical(next);
  };
  const auto first = std::ranges::find_if(store.files, same);
  if (first == store.files.end()) return;
  std::string circle;
  for (auto f = first; f != store.files.end(); ++f) circle += f->name + " -> ";
  throw InputError(store.problem(at, "/extends", {"the files extend each other: " + circle + next, ""}));
}

Value with_bases(Store& store, const std::string& text, const std::string& name) {
  const std::size_t file = store.files.size();
  store.files.push_back({name, folder_of(name)});
  Value top = parse_text(text, store, file);
  Value* const extends = top.kind == Kind::kObject ? top.find("extends") : nullptr;
  if (!extends) return top;
  const Value base = *extends;
  std::erase_if(top.items, [](const Value& v) { return v.key == "extends"; });
  if (base.kind != Kind::kText)
    throw InputError(
        store.problem(base.place, "/extends", {"wants the path of one file, found " + found(base), ""}));
  const std::string next = resolve(base, store.files[file].folder);
  refuse_circle(store, base.place, next);
  std::string why;
  const std::string under_text = slurp(next, why);
  if (!why.empty())
    throw InputError(store.problem(base.place, "/extends",
                                   {fmt::format("cannot read {}: {}", in_quotes(next), why),
                                    "the path is relative to the file that extends"}));
  Value under = with_bases(store, under_text, next);
  lay_over(under, std::move(top));
  return under;
}

}  // namespace

void lay_over(Value& under, Value&& top) {
  if (under.kind != Kind::kObject || top.kind != Kind::kObject) {
    under = std::move(top);
    return;
  }
  under.place = top.place;
  under.key_place = top.key_place;
  for (Value& item : top.items) {
    Value* const same = under.find(item.key);
    if (same == nullptr)
      under.items.push_back(std::move(item));
    else if (item.kind == Kind::kNull)
      std::erase_if(under.items, [&](const Value& v) { return v.key == item.key; });
    else
      lay_over(*same, std::move(item));
  }
}

void read_file(Store& store, const std::string& file) {
  std::string why;
  const std::string text = slurp(file, why);
  if (!why.empty()) throw InputError(Problem{file, 0, 0, "", "cannot read this file: " + why, ""});
  store.root = with_bases(store, text, file);
}

void read_text(Store& store, const std::string& text, const std::string& name) {
  store.root = with_bases(store, text, name);
}

}  // namespace tideline::config
