#include "sim/config/node.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/config/value.h"

namespace tideline::config {

Value* Node::find(std::string_view key) const {
  return value_ && value_->kind == Kind::kObject ? value_->find(key) : nullptr;
}

Value* Node::ask(std::string_view key) const {
  if (!value_) return nullptr;
  if (value_->kind != Kind::kObject) {
    if (!value_->refused) record(*value_, "", {"wants an object, found " + found(*value_), ""});
    value_->refused = true;
    return nullptr;
  }
  (void)asked(key);
  Value* const value = value_->find(key);
  if (value) value->read = true;
  return value;
}

Asked* Node::asked(std::string_view key) const {
  if (!value_ || value_->kind != Kind::kObject) return nullptr;
  const auto there = value_->asked.find(key);
  return there != value_->asked.end() ? &there->second : &value_->asked[std::string(key)];
}

void Node::wants(std::string_view key, const Form& form) const {
  if (Asked* const a = asked(key)) a->wants(form);
}

Node Node::child(Value& value, std::string_view key) const {
  Node node;
  node.store_ = store_;
  node.value_ = &value;
  node.pointer_ = below(pointer_, key);
  return node;
}

void Node::record(const Value& at, std::string_view key, Mistake mistake) const {
  const std::string pointer = &at == value_ ? pointer_ : below(pointer_, key);
  store_->problems.emplace_back(at.place, store_->problem(at.place, pointer, std::move(mistake)));
}

void Node::record_missing(std::string_view key, std::string_view wants) const {
  if (!value_ || value_->kind != Kind::kObject) return;
  const std::string message = fmt::format("key {} is missing: wants {}", in_quotes(key), wants);
  store_->problems.emplace_back(value_->place,
                                store_->problem(value_->place, below(pointer_, key), {message, ""}));
}

bool Node::has(std::string_view key) const {
  (void)asked(key);
  return find(key) != nullptr;
}

bool Node::is_null(std::string_view key) const {
  if (Asked* const a = asked(key)) a->may_be_null = true;
  const Value* const value = find(key);
  return value && value->kind == Kind::kNull;
}

bool Node::given(std::string_view key) const {
  return has(key) && !is_null(key);
}

bool Node::is_text(std::string_view key) const {
  if (Asked* const a = asked(key)) a->kind_matters = true;
  const Value* const value = find(key);
  return value && value->kind == Kind::kText;
}

bool Node::is_object(std::string_view key) const {
  const Value* const value = find(key);
  return value && value->kind == Kind::kObject;
}

Node Node::object(std::string_view key) const {
  wants(key, {Form::Kind::kObject});
  Value* const value = ask(key);
  if (!value) return record_missing(key, "an object"), Node();
  if (value->kind == Kind::kObject) return child(*value, key);
  record(*value, key, {"wants an object, found " + found(*value), ""});
  return Node();
}

std::optional<Node> Node::optional_object(std::string_view key) const {
  if (Asked* const a = asked(key)) a->wants({Form::Kind::kObject}), a->may_be_null = true;
  const Value* const value = ask(key);
  if (!value || value->kind == Kind::kNull) return std::nullopt;
  return object(key);
}

std::vector<Node> Node::list(std::string_view key) const {
  wants(key, {Form::Kind::kList});
  Value* const value = ask(key);
  if (!value) return record_missing(key, "a list"), std::vector<Node>();
  if (value->kind != Kind::kList) {
    record(*value, key, {"wants a list, found " + found(*value), ""});
    return {};
  }
  const Node parent = child(*value, key);
  std::vector<Node> nodes;
  for (Value& item : value->items) nodes.push_back(parent.child(item, std::to_string(nodes.size())));
  return nodes;
}

std::vector<std::string> Node::keys() const {
  std::vector<std::string> keys;
  if (!value_ || value_->kind != Kind::kObject) return keys;
  for (const Value& item : value_->items)
    if (!is_remark(item.key)) keys.push_back(item.key);
  return keys;
}

void Node::ignore(std::string_view key) const {
  if (Value* const value = find(key)) value->read = value->ignored = true;
}

void Node::ignore_rest() const {
  if (value_) value_->ignored = true;
}

void Node::keys_are_names() const {
  if (value_) value_->keys_are_names = true;
}

void Node::explain_unknown(std::string why, std::string suggestion) const {
  if (value_) value_->unknown = {std::move(why), std::move(suggestion)};
}

void Node::problem(std::string_view key, std::string message, std::string suggestion) const {
  if (!value_) return;
  Value* const value = key.empty() ? value_ : ask(key);
  const Place place = (value ? value : value_)->place;
  const std::string pointer = key.empty() ? pointer_ : below(pointer_, key);
  // One mistake a key or plain value: what follows from the stand-in for one that could not be read is not
  // the user's. An object may have several.
  const auto here = [&](const auto& known) { return known.second.pointer == pointer; };
  if ((!key.empty() || value_->kind != Kind::kObject) && std::ranges::any_of(store_->problems, here)) return;
  store_->problems.emplace_back(place,
                                store_->problem(place, pointer, {std::move(message), std::move(suggestion)}));
}

Problem Node::place(std::string_view key) const {
  if (!value_) return {};
  const Value* const value = key.empty() ? nullptr : find(key);
  return store_->problem((value ? value : value_)->place, value ? below(pointer_, key) : pointer_, {});
}

std::string Node::folder(std::string_view key) const {
  if (!value_) return ".";
  Value* const found = key.empty() ? value_ : find(key);
  Value* const value = found ? found : value_;
  value->names_a_file = true;
  return store_->files[value->place.file].folder;
}

}  // namespace tideline::config
