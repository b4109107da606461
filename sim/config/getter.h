// Inside config: what every typed getter does. `take` turns a value into what it is asked for, or fills in
// the mistake and gives nullopt; `write` is the canonical JSON of the result, for effective().
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "sim/config/node.h"
#include "sim/config/value.h"

namespace tideline::config {

template <class T, class Take, class Write>
T Node::convert(Value& value, std::string_view wants, Take take, Write write) const {
  Mistake mistake;
  const std::optional<T> result = take(value, mistake);
  if (result) {
    value.understood = write(*result);
    return *result;
  }
  if (mistake.message.empty()) mistake.message = fmt::format("wants {}, found {}", wants, found(value));
  record(value, value.key, std::move(mistake));
  return T{};
}

template <class T, class Take, class Write>
T Node::get(std::string_view key, const std::optional<T>& absent, const Form& form, std::string_view wants,
            Take take, Write write) const {
  if (!value_) return absent.value_or(T{});
  if (Asked* const a = asked(key)) {
    a->wants(form);
    if (absent) a->or_else(write(*absent));
  }
  if (Value* const value = ask(key)) return convert<T>(*value, wants, take, write);
  if (absent && value_->kind == Kind::kObject)
    value_->defaults.insert_or_assign(std::string(key), write(*absent));
  if (!absent) record_missing(key, wants);
  return absent.value_or(T{});
}

}  // namespace tideline::config
