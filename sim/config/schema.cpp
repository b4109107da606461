#include "sim/config/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/config/explore.h"
#include "sim/config/unit_table.h"

namespace tideline::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kDecimal = "[0-9]+(\\.[0-9]+)?";
constexpr std::string_view kTimeOfDay = "(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)";
constexpr std::string_view kDate = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";

// "^2 (USD/h|USD/s)$": the same strings that a getter takes (unit_table.h).
Json quantity(Measure measure) {
  std::string names;
  for (const Unit& unit : units())
    if (unit.measure == measure) names += (names.empty() ? "" : "|") + std::string(unit.name);
  return {{"type", "string"},
          {"pattern", fmt::format("^{}([eE][+-]?[0-9]+)? ?({})$", kDecimal, names)},
          {"description", fmt::format("{} such as \"{}\"", describe(measure), example(measure))}};
}

Json scalar(const Form& form) {
  using enum Form::Kind;
  switch (form.kind) {
    case kText:
      return {{"type", "string"}};
    case kChoice:
      return {{"enum", form.known}};
    case kChoiceOrFile:
      return {{"anyOf", {{{"enum", form.known}}, {{"type", "string"}, {"pattern", "/|\\.json$"}}}},
              {"description", "a name, or the path of a file beside this one"}};
    case kNumber:
      return {{"type", "number"}};
    case kFraction:
      return {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
    case kCount:
      return {{"type", "integer"}, {"minimum", 0}};
    case kPositive:
      return {{"type", "integer"}, {"minimum", 1}};
    case kFlag:
      return {{"type", "boolean"}};
    case kQuantity:
      return quantity(form.measure);
    case kPrice:
      return {{"type", "string"},
              {"pattern", "^[0-9]+(\\.[0-9]{1,6})? ?[A-Z]{3}/Mtok$"},
              {"description", "a price such as \"0.14 USD/Mtok\""}};
    case kClock:
      return {{"type", "string"},
              {"pattern", fmt::format("^{}$", kTimeOfDay)},
              {"description", "a time of day such as \"08:30\""}};
    case kLocalTime:
      return {{"type", "string"},
              {"pattern", fmt::format("^({}T)?{}$", kDate, kTimeOfDay)},
              {"description", "a time of day such as \"08:30\", or of a date, \"2025-02-28T08:30\""}};
    case kObject:
    case kList:
      break;
  }
  return Json::object();
}

Json schema_of(const Wanted& wanted);

Json one_of(std::vector<Json> all) {
  if (all.empty()) return Json(true);
  if (all.size() == 1) return std::move(all.front());
  return {{"anyOf", std::move(all)}};
}

Json object(const Wanted& wanted) {
  Json properties = Json::object();
  std::vector<Json> of_names;
  for (const auto& [key, below] : wanted.keys) {
    if (below.asked.forms.empty() && !below.asked.may_be_null) continue;  // looked for, in order to refuse it
    if (wanted.keys_are_names)
      of_names.push_back(schema_of(below));
    else
      properties[key] = schema_of(below);
  }
  Json out{{"type", "object"}};
  if (!properties.empty()) out["properties"] = std::move(properties);
  out["patternProperties"] = {{"^_", true}};  // remarks
  out["additionalProperties"] = wanted.keys_are_names ? one_of(std::move(of_names)) : Json(false);
  return out;
}

Json schema_of(const Wanted& wanted) {
  const Asked& asked = wanted.asked;
  std::vector<Json> all;
  for (const Form& form : asked.forms) {
    if (form.kind == Form::Kind::kObject)
      all.push_back(object(wanted));
    else if (form.kind == Form::Kind::kList)
      all.push_back({{"type", "array"}, {"items", wanted.element ? schema_of(*wanted.element) : Json(true)}});
    else
      all.push_back(scalar(form));
  }
  if (asked.forms.empty() && !wanted.keys.empty()) all.push_back(object(wanted));  // an element of a list
  if (asked.may_be_null) all.push_back({{"type", "null"}});
  Json out = one_of(std::move(all));
  // One that hangs on other values cannot be said here.
  if (asked.defaults.size() == 1 && out.is_object()) out["default"] = Json::parse(asked.defaults.front());
  return out;
}

Json document(const DocumentKind& kind) {
  Wanted wanted = explore(kind);
  Json out = object(wanted);
  out["description"] = kind.description;
  out["properties"]["$schema"] = {{"type", "string"}};
  out["properties"]["extends"] = {{"type", "string"},
                                  {"description", "a file that this one lies over, beside this one"}};
  if (!kind.variants.empty())
    out["properties"][kind.variants] = {
        {"type", "object"},
        {"description", "by name: what each says on top of the rest of this file"},
        {"patternProperties", {{"^_", true}}},
        {"additionalProperties", {{"$ref", "#/$defs/" + kind.name}}}};
  return out;
}

}  // namespace

std::string json_schema(const std::string& title, std::span<const DocumentKind> kinds) {
  Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  Json definitions = Json::object(), any = Json::array();
  const auto reference = [](const DocumentKind& kind) { return Json{{"$ref", "#/$defs/" + kind.name}}; };
  for (const DocumentKind& kind : kinds) {
    definitions[kind.name] = document(kind);
    any.push_back(reference(kind));
  }
  // A file that extends another may show no sign of its kind.
  Json chosen{{"anyOf", std::move(any)}};
  for (const DocumentKind& kind : kinds)
    chosen = {{"if", {{"required", {kind.marker}}}}, {"then", reference(kind)}, {"else", std::move(chosen)}};
  out["type"] = "object";
  out.update(chosen);
  out["$defs"] = std::move(definitions);
  return out.dump(1) + "\n";
}

}  // namespace tideline::config
