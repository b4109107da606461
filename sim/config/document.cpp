#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <tuple>

#include "sim/base/check.h"
#include "sim/config/layers.h"
#include "sim/config/node.h"
#include "sim/config/value.h"

namespace tideline::config {
namespace {

namespace fs = std::filesystem;

using Placed = std::pair<Place, Problem>;

Mistake explain_unread(const Value& object, const std::string& key) {
  const std::string name = in_quotes(key);
  if (object.asked.contains(key)) return {fmt::format("key {} has no effect here", name), ""};
  Mistake mistake{"unknown key " + name, object.unknown.suggestion};
  if (!object.unknown.message.empty()) mistake.message += ": " + object.unknown.message;
  std::vector<std::string> asked;
  for (const auto& [name_asked, forms] : object.asked) asked.push_back(name_asked);
  const std::string near = nearest(key, asked);
  if (!near.empty())
    mistake.suggestion = fmt::format("did you mean {}?", in_quotes(near));
  else if (mistake.suggestion.empty() && !asked.empty())
    mistake.suggestion = "known here: " + join(asked);
  return mistake;
}

// Keys that nobody read, below an object or a list.
void add_unread(const Store& store, const Value& value, const std::string& pointer,
                std::vector<Placed>& out) {
  if (value.ignored) return;
  const bool in_object = value.kind == Kind::kObject;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const Value& item = value.items[i];
    const std::string at = below(pointer, in_object ? item.key : std::to_string(i));
    if (!in_object || item.read)
      add_unread(store, item, at, out);
    else if (!is_remark(item.key))
      out.emplace_back(item.key_place, store.problem(item.key_place, at, explain_unread(value, item.key)));
  }
}

// Of the file that a text names.
std::string path_of(const Store& store, const Value& text) {
  const fs::path folder = fs::absolute(store.files[text.place.file].folder);
  return (folder / text.text).lexically_normal().string();
}

void add_named_files(const Store& store, const Value& value, std::vector<std::string>& out) {
  if (value.names_a_file && value.kind == Kind::kText) out.push_back(path_of(store, value));
  for (const Value& item : value.items) add_named_files(store, item, out);
}

// A tree as it was understood.
struct Writer {
  const Store* files;  // null: names of files stay as they are, or else become absolute

  void write(const Value& value, const std::string& indent, std::string& out) const {
    if (value.kind == Kind::kObject)
      write_object(value, indent, out);
    else if (value.kind == Kind::kList)
      write_list(value, indent, out);
    else if (files && value.names_a_file)
      out += in_quotes(path_of(*files, value));
    else
      out += value.understood;
  }

  void write_object(const Value& value, const std::string& indent, std::string& out) const {
    std::map<std::string, std::string> members = {value.defaults.begin(), value.defaults.end()};
    for (const Value& item : value.items) {
      if (!item.read || item.ignored) continue;
      std::string text;
      write(item, indent + "  ", text);
      if (!text.empty()) members[item.key] = text;
    }
    std::string separator = "\n";
    out += '{';
    for (const auto& [key, text] : members) {
      out += fmt::format("{}{}  {}: {}", separator, indent, in_quotes(key), text);
      separator = ",\n";
    }
    out += members.empty() ? "}" : "\n" + indent + "}";
  }

  void write_list(const Value& value, const std::string& indent, std::string& out) const {
    std::string separator;
    out += '[';
    for (const Value& item : value.items) {
      out += separator;
      write(item, indent, out);
      separator = ", ";
    }
    out += ']';
  }
};

std::string written(const Writer& writer, const Value& root) {
  std::string out;
  writer.write(root, "", out);
  return out + "\n";
}

}  // namespace

Document Document::load(const std::string& file, const std::vector<std::string>& overrides) {
  Store store;
  read_file(store, file);
  return made(std::move(store), overrides);
}

Document Document::parse(const std::string& text, const std::string& name,
                         const std::vector<std::string>& overrides) {
  Store store;
  read_text(store, text, name);
  return made(std::move(store), overrides);
}

Document Document::with(const std::vector<std::string>& overrides) const {
  CHECK(store_->root.asked.empty(), "{} was read already", store_->files.front().name);
  return made(*store_, overrides);
}

Document Document::made(Store store, const std::vector<std::string>& overrides) {
  for (const std::string& text : overrides) apply_override(store, text);
  Document document;
  document.store_ = std::make_shared<Store>(std::move(store));
  return document;
}

std::vector<std::pair<std::string, Document>> Document::variants(std::string_view key) const {
  Store rest = *store_;
  const Value members = *rest.root.find(key);
  const auto want = [&](const Value& value, std::string_view name, std::string_view wanted) {
    if (value.kind == Kind::kObject && !value.items.empty()) return;
    const std::string pointer = below("", key);
    throw InputError(rest.problem(value.place, name.empty() ? pointer : below(pointer, name),
                                  {fmt::format("wants {}, found {}", wanted,
                                               value.kind == Kind::kObject ? "nothing in it" : found(value)),
                                   ""}));
  };
  want(members, "", "an object with a name for each of them");
  std::erase_if(rest.root.items, [&](const Value& v) { return v.key == key; });
  rest.root.asked.clear();
  std::vector<std::pair<std::string, Document>> all;
  for (const Value& member : members.items) {
    if (is_remark(member.key)) continue;
    want(member, member.key, "an object: what differs from the rest of the file");
    Store store = rest;
    Value top = member;
    top.place = rest.root.place, top.key_place = rest.root.key_place;
    lay_over(store.root, std::move(top));
    all.emplace_back(member.key, made(std::move(store), {}));
  }
  return all;
}

Node Document::root() const {
  Node node;
  node.store_ = store_;
  node.value_ = &store_->root;
  return node;
}

void Document::finish() const {
  store_->finished = true;
  std::vector<Placed> all = store_->problems;
  add_unread(*store_, store_->root, "", all);
  const auto position = [](const Placed& p) {
    return std::tuple(p.first.file, p.first.line, p.first.column);
  };
  std::ranges::stable_sort(all, {}, position);
  std::vector<Problem> problems;
  for (Placed& p : all) {
    const auto same = [&](const Problem& q) {
      return q.file == p.second.file && q.pointer == p.second.pointer && q.message == p.second.message;
    };
    if (std::ranges::none_of(problems, same)) problems.push_back(std::move(p.second));
  }
  if (!problems.empty()) throw InputError(std::move(problems));
}

std::string Document::effective() const {
  return written({nullptr}, store_->root);
}

std::string Document::standalone() const {
  return written({store_.get()}, store_->root);
}

std::vector<std::string> Document::named_files() const {
  std::vector<std::string> files;
  add_named_files(*store_, store_->root, files);
  return files;
}

}  // namespace tideline::config
