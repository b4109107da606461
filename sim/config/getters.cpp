// The getters of plain values.
#include <fmt/format.h>

#include <algorithm>

#include "sim/config/file_name.h"
#include "sim/config/getter.h"

namespace tideline::config {
namespace {

std::string write_number(double x) {
  return fmt::format("{}", x);
}
std::string write_count(std::int64_t n) {
  return fmt::format("{}", n);
}
std::string write_flag(bool flag) {
  return flag ? "true" : "false";
}

std::string take_json(Value& v) {
  v.read = true;
  if (v.kind == Kind::kList || v.kind == Kind::kObject) {
    const bool object = v.kind == Kind::kObject;
    std::vector<std::string> items;
    for (Value& item : v.items)
      items.push_back((object ? in_quotes(item.key) + ": " : "") + take_json(item));
    return fmt::format("{}{}{}", object ? '{' : '[', join(items), object ? '}' : ']');
  }
  v.understood = v.kind == Kind::kNull     ? "null"
                 : v.kind == Kind::kFlag   ? write_flag(v.flag)
                 : v.kind == Kind::kText   ? in_quotes(v.text)
                 : v.kind == Kind::kNumber ? (v.whole ? write_count(v.integer) : write_number(v.number))
                                           : "";
  return v.understood;
}

std::optional<std::string> take_text(const Value& v, Mistake&) {
  if (v.kind != Kind::kText) return std::nullopt;
  return v.text;
}

// Where a number is wanted and stands in quotes.
void without_quotes(const Value& v, std::string_view wants, Mistake& mistake) {
  const bool number = v.kind == Kind::kText && !v.text.empty() &&
                      v.text.find_first_not_of("+-.0123456789Ee") == std::string::npos;
  mistake.message = fmt::format("wants {}, found {}", wants, found(v));
  if (number) mistake.suggestion = fmt::format("write {} without quotes", v.text);
}

std::optional<double> take_number(const Value& v, Mistake& mistake) {
  if (v.kind == Kind::kNumber) return v.number;
  without_quotes(v, "a number", mistake);
  return std::nullopt;
}

std::optional<double> take_fraction(const Value& v, Mistake& mistake) {
  if (v.kind == Kind::kNumber && v.number >= 0.0 && v.number <= 1.0) return v.number;
  without_quotes(v, "a fraction from 0 to 1", mistake);
  if (v.kind == Kind::kNumber && v.number > 1.0 && v.number <= 100.0)
    mistake.suggestion = fmt::format("did you mean {}?", v.number / 100.0);
  return std::nullopt;
}

std::optional<std::int64_t> take_count(const Value& v, Mistake& mistake) {
  if (v.kind == Kind::kNumber && v.whole && v.integer >= 0) return v.integer;
  without_quotes(v, "a whole number of 0 or more", mistake);
  return std::nullopt;
}

std::optional<std::int64_t> take_positive(const Value& v, Mistake& mistake) {
  if (v.kind == Kind::kNumber && v.whole && v.integer >= 1) return v.integer;
  without_quotes(v, "a whole number of 1 or more", mistake);
  return std::nullopt;
}

}  // namespace

std::string Node::text(std::string_view key, std::optional<std::string> absent) const {
  return get<std::string>(key, absent, {Form::Kind::kText}, "text", take_text, in_quotes);
}

std::int64_t Node::count(std::string_view key, std::optional<std::int64_t> absent) const {
  return get<std::int64_t>(key, absent, {Form::Kind::kCount}, "a whole number of 0 or more", take_count,
                           write_count);
}

std::int64_t Node::positive(std::string_view key, std::optional<std::int64_t> absent) const {
  const auto n = get<std::int64_t>(key, absent, {Form::Kind::kPositive}, "a whole number of 1 or more",
                                   take_positive, write_count);
  return std::max<std::int64_t>(n, 1);
}

double Node::number(std::string_view key, std::optional<double> absent) const {
  return get<double>(key, absent, {Form::Kind::kNumber}, "a number", take_number, write_number);
}

double Node::fraction(std::string_view key, std::optional<double> absent) const {
  return get<double>(key, absent, {Form::Kind::kFraction}, "a fraction from 0 to 1", take_fraction,
                     write_number);
}

bool Node::flag(std::string_view key, std::optional<bool> absent) const {
  const auto take = [](const Value& v, Mistake&) {
    return v.kind == Kind::kFlag ? std::optional(v.flag) : std::nullopt;
  };
  return get<bool>(key, absent, {Form::Kind::kFlag}, "true or false", take, write_flag);
}

std::string Node::choice(std::string_view key, std::span<const std::string_view> known,
                         std::optional<std::string> absent) const {
  const std::vector<std::string> names(known.begin(), known.end());
  const auto take = [&](const Value& v, Mistake& mistake) -> std::optional<std::string> {
    if (v.kind != Kind::kText) return std::nullopt;
    if (std::ranges::find(names, v.text) != names.end()) return v.text;
    mistake.message = fmt::format("unknown name {}: wants one of {}", in_quotes(v.text), join(names));
    if (const std::string near = nearest(v.text, names); !near.empty())
      mistake.suggestion = fmt::format("did you mean {}?", in_quotes(near));
    return std::nullopt;
  };
  const Form form{.kind = Form::Kind::kChoice, .known = names};
  const std::string name = get<std::string>(key, absent, form, "one of " + join(names), take, in_quotes);
  return name.empty() && !names.empty() ? names.front() : name;
}

std::string Node::choice_or_file(std::string_view key, std::span<const std::string_view> known) const {
  const Value* const value = find(key);
  const bool file = value && value->kind == Kind::kText && names_a_file(value->text);
  std::string chosen = file ? text(key) : choice(key, known);
  if (Asked* const a = asked(key))
    a->forms = {{.kind = Form::Kind::kChoiceOrFile, .known = {known.begin(), known.end()}}};
  return chosen;
}

std::vector<double> Node::numbers(std::string_view key) const {
  std::vector<double> out;
  for (const Node& element : list(key)) out.push_back(element.as_number());
  return out;
}

std::vector<std::int64_t> Node::counts(std::string_view key) const {
  std::vector<std::int64_t> out;
  for (const Node& element : list(key)) out.push_back(element.as_count());
  return out;
}

std::vector<double> Node::number_or_numbers(std::string_view key) const {
  const Value* value = find(key);
  if (Asked* const a = asked(key)) a->kind_matters = true;
  if (value && value->kind == Kind::kList) return numbers(key);
  return {number(key)};
}

std::string Node::as_text() const {
  if (!value_) return "";
  static const Form kForm{.kind = Form::Kind::kText};
  value_->element_of = &kForm;
  value_->read = true;
  return convert<std::string>(*value_, "text", take_text, in_quotes);
}

double Node::as_number() const {
  if (!value_) return 0.0;
  static const Form kForm{.kind = Form::Kind::kNumber};
  value_->element_of = &kForm;
  value_->read = true;
  return convert<double>(*value_, "a number", take_number, write_number);
}

std::string Node::as_json() const {
  return value_ ? take_json(*value_) : "null";
}

std::int64_t Node::as_count() const {
  if (!value_) return 0;
  static const Form kForm{.kind = Form::Kind::kCount};
  value_->element_of = &kForm;
  value_->read = true;
  return convert<std::int64_t>(*value_, "a whole number of 0 or more", take_count, write_count);
}

}  // namespace tideline::config
