#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/config/unit_table.h"

namespace tideline::config {
namespace {

// What people write who think of another program, and what it is called here.
struct Alias {
  std::string_view written, unit;
};
constexpr Alias kAliases[] = {
    {"sec", "s"},          {"second", "s"},         {"seconds", "s"},
    {"minute", "min"},     {"minutes", "min"},      {"m", "min"},
    {"hour", "h"},         {"hours", "h"},          {"hr", "h"},
    {"day", "d"},          {"days", "d"},           {"tokens", "tok"},
    {"token", "tok"},      {"tokens/s", "tok/s"},   {"tps", "tok/s"},
    {"Gbps", "Gb/s"},      {"Tbps", "Tb/s"},        {"GBps", "GB/s"},
    {"bytes", "B"},        {"bytes/s", "B/s"},      {"TFLOPS", "Tflop/s"},
    {"GFLOPS", "Gflop/s"}, {"PFLOPS", "Pflop/s"},   {"TF", "Tflop/s"},
    {"FLOPS", "flop/s"},   {"TFLOP/s", "Tflop/s"},  {"$", "USD"},
    {"dollars", "USD"},    {"$/h", "USD/h"},        {"$/hr", "USD/h"},
    {"USD/hr", "USD/h"},   {"USD/hour", "USD/h"},   {"qps", "req/s"},
    {"rps", "req/s"},      {"requests/s", "req/s"},
};

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool fits(std::string_view name, Measure measure) {
  const Unit* const unit = find_unit(name);
  return unit && unit->measure == measure;
}

std::vector<std::string> names_of(Measure measure) {
  std::vector<std::string> names;
  for (const Unit& unit : units())
    if (unit.measure == measure) names.emplace_back(unit.name);
  return names;
}

// The same amount of the wanted measure: "GB" and "GB/s", "USD" and "USD/h".
std::string related(std::string_view unit, Measure measure) {
  for (const std::string_view per : {"/h", "/s"}) {
    if (fits(fmt::format("{}{}", unit, per), measure)) return fmt::format("{}{}", unit, per);
    if (unit.ends_with(per) && fits(unit.substr(0, unit.size() - 2), measure))
      return std::string(unit.substr(0, unit.size() - 2));
  }
  return "";
}

// "608B" or "608 M" where tokens are wanted: the letter was meant as thousands, millions, billions.
std::string scaled(std::string_view unit, Measure measure) {
  constexpr std::string_view kLetters = "kKMGBT", kPrefixes = "kkMGGT";
  if (unit.size() != 1 || kLetters.find(unit[0]) == kLetters.npos) return "";
  const char prefix = kPrefixes[kLetters.find(unit[0])];
  for (const std::string& name : names_of(measure))
    if (name.starts_with(prefix) && find_unit(name)->power_of_ten >= 3) return name;
  return "";
}

std::string meant(std::string_view unit, Measure measure) {
  if (const std::string name = related(unit, measure); !name.empty()) return name;
  for (const Alias& alias : kAliases) {
    if (alias.written != unit) continue;
    if (fits(alias.unit, measure)) return std::string(alias.unit);
    if (const std::string name = related(alias.unit, measure); !name.empty()) return name;
  }
  if (const std::string name = scaled(unit, measure); !name.empty()) return name;
  for (const std::string& name : names_of(measure))
    if (same_letters(name, unit)) return name;
  return find_unit(unit) ? "" : nearest(std::string(unit), names_of(measure));
}

std::string known_units(Measure measure) {
  return fmt::format("units of {}: {}", describe(measure), join(names_of(measure)));
}

Mistake explain_unit(const std::string& text, const Amount& amount, Measure measure) {
  const std::string wants = fmt::format("wants {} such as \"{}\"", describe(measure), example(measure));
  const std::string name = meant(amount.unit, measure);
  const std::string number = text.substr(0, text.size() - amount.unit.size());
  const std::string mend =
      name.empty() ? known_units(measure)
                   : fmt::format("did you mean \"{}{}{}\"?", number, number.ends_with(' ') ? "" : " ", name);
  const Unit* const other = find_unit(amount.unit);
  if (amount.unit == "B")
    return {
        fmt::format("{}, found {}, which is an amount of data: \"B\" is bytes only", wants, in_quotes(text)),
        mend};
  if (other) return {fmt::format("{}, found {} {}", wants, describe(other->measure), in_quotes(text)), mend};
  return {fmt::format("{}, found {}: unknown unit {}", wants, in_quotes(text), in_quotes(amount.unit)), mend};
}

}  // namespace

Mistake explain_quantity(const Value& value, Measure measure) {
  const std::string wants = fmt::format("wants {} such as \"{}\"", describe(measure), example(measure));
  if (value.kind == Kind::kNumber)
    return {fmt::format("{}, found {} without a unit", wants, found(value)), known_units(measure)};
  const auto amount = value.kind == Kind::kText ? cut(value.text) : std::nullopt;
  if (!amount) return {fmt::format("{}, found {}", wants, found(value)), ""};
  if (amount->unit.empty())
    return {fmt::format("{}, found {} without a unit", wants, in_quotes(value.text)), known_units(measure)};
  if (!fits(amount->unit, measure)) return explain_unit(value.text, *amount, measure);
  if (amount->negative)
    return {fmt::format("wants {} of 0 or more, found {}", describe(measure), in_quotes(value.text)), ""};
  return {fmt::format("{}, found {}, which is too large for a number", wants, in_quotes(value.text)), ""};
}

}  // namespace tideline::config
