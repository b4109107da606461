#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "sim/config/layers.h"
#include "sim/config/parse.h"

namespace tideline::config {
namespace {

struct Override {
  Place place;
  std::string_view path;
  Store& store;

  [[noreturn]] void fail(std::string message) const {
    throw InputError(store.problem(place, "", {std::move(message), ""}));
  }
};

void move_to(Value& value, const Place& place) {
  value.place = value.key_place = place;
  for (Value& item : value.items) move_to(item, place);
}

// What can be read as JSON is JSON; anything else is text, unless it was plainly meant as JSON.
Value read_value(const Store& store, const std::string& text, const Place& place) {
  Value value;
  try {
    value = parse_text(text, store, place.file);
  } catch (const InputError&) {
    if (!text.empty() && std::string_view("{[\"").find(text.front()) != std::string_view::npos) {
      Problem problem = store.problem(place, "", {});
      problem.message = fmt::format("{} is broken JSON", text);
      throw InputError(problem);
    }
    value.kind = Kind::kText;
    value.text = text;
  }
  move_to(value, place);
  return value;
}

// Length of the first step of `path` in an object: a key that is there, dots and all, or up to the first dot.
std::size_t step_length(const Value& object, std::string_view path) {
  std::size_t longest = 0;
  for (const Value& item : object.items)
    if (path == item.key || path.starts_with(item.key + ".")) longest = std::max(longest, item.key.size());
  return longest > 0 ? longest : std::min(path.find('.'), path.size());
}

Value& element(const Override& o, Value& list, std::string_view step, std::string_view so_far) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error == std::errc() && end == step.data() + step.size() && index < list.items.size())
    return list.items[index];
  o.fail(fmt::format("\"{}\" is a list of {}, counted from 0; it has no element \"{}\"", so_far,
                     list.items.size(), step));
}

Value& member(const Override& o, Value& object, std::string_view step) {
  if (step.empty()) o.fail("wants path.to.key=value; a step of the path is empty");
  if (Value* there = object.find(step)) return *there;
  Value made;
  made.kind = Kind::kObject;
  made.key = step;
  move_to(made, o.place);
  object.items.push_back(std::move(made));
  return object.items.back();
}

}  // namespace

void apply_override(Store& store, const std::string& text) {
  const Override o{{store.files.size(), 0, 0}, std::string_view(text).substr(0, text.find('=')), store};
  store.files.push_back({"--set " + text, "."});
  if (o.path.size() == text.size() || o.path.empty()) o.fail("wants path.to.key=value");
  Value *at = &store.root, *holder = nullptr;  // of the key, where it was there
  std::string_view rest = o.path;
  while (true) {
    const std::string_view so_far =
        o.path.substr(0, o.path.size() - rest.size() - (rest.size() < o.path.size()));
    if (at->kind != Kind::kObject && at->kind != Kind::kList)
      o.fail(fmt::format("\"{}\" is {} and has no \"{}\" in it", so_far, found(*at), rest));
    const bool in_object = at->kind == Kind::kObject;
    const std::size_t length = in_object ? step_length(*at, rest) : std::min(rest.find('.'), rest.size());
    const std::string_view step = rest.substr(0, length);
    holder = in_object && at->find(step) != nullptr ? at : nullptr;
    at = in_object ? &member(o, *at, step) : &element(o, *at, step, so_far);
    if (length == rest.size()) break;
    rest.remove_prefix(length + 1);
  }
  Value value = read_value(store, text.substr(o.path.size() + 1), o.place);
  value.key = at->key;
  if (holder != nullptr && value.kind == Kind::kNull)
    std::erase_if(holder->items, [&](const Value& v) { return v.key == value.key; });
  else
    *at = std::move(value);
}

}  // namespace tideline::config
