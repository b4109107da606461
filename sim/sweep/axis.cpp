#include "sim/sweep/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace tideline::sweep {
namespace {

// Twelve digits: steps of a tenth read as such, and not as 0.30000000000000004.
Value number_of(double x, const Range& r) {
  if (r.whole) x = std::round(x);
  const std::string number = fmt::format("{:.12g}", x);
  return {r.unit.empty() ? number : fmt::format("\"{} {}\"", number, r.unit),
          std::strtod(number.c_str(), nullptr), r.unit};
}

double between(const Range& r, double share) {
  if (r.logarithmic) return r.from * std::pow(r.to / r.from, share);
  return r.from + (r.to - r.from) * share;
}

// The end of a range: a number, or a text that begins with one.
Value read_end(const config::Node& node, std::string_view key) {
  if (!node.is_text(key)) return number_of(node.number(key), {});
  Value v = value_of(fmt::format("\"{}\"", node.text(key)));
  if (!v.number) node.problem(key, "wants a number, with its unit where it has one");
  return v;
}

Range read_range(const config::Node& node) {
  static constexpr std::array<std::string_view, 2> kScales = {"linear", "log"};
  const Value from = read_end(node, "from"), to = read_end(node, "to");
  Range r{from.number.value_or(0.0), to.number.value_or(0.0), from.unit, false, false};
  if (from.unit != to.unit)
    node.problem("to", fmt::format("is in \"{}\" and \"from\" in \"{}\"", to.unit, from.unit),
                 "write both in one unit");
  else if (!(r.from < r.to))
    node.problem("to", "a range goes up: wants more than \"from\"");
  r.logarithmic = node.choice("scale", kScales, "linear") == "log";
  r.whole = node.flag("whole", false);
  if (r.logarithmic && !(r.from > 0.0)) node.problem("from", "a logarithmic range begins above 0");
  return r;
}

}  // namespace

Value value_of(std::string json) {
  const char* const begin = json.c_str() + (json.front() == '"' ? 1 : 0);
  char* end = nullptr;
  const double x = std::strtod(begin, &end);
  const bool digits = (*begin >= '0' && *begin <= '9') || *begin == '-' || *begin == '.';
  if (end == begin || !digits || !std::isfinite(x)) return {std::move(json), std::nullopt, ""};
  std::string rest(end);
  if (json.front() != '"') return {std::move(json), x, ""};
  rest.pop_back();  // the quote
  const bool unit = rest.size() > 1 && rest.front() == ' ' && rest.find(' ', 1) == std::string::npos;
  if (!unit) return {std::move(json), std::nullopt, ""};
  return {std::move(json), x, rest.substr(1)};
}

Value Axis::value(std::uint64_t k) const {
  if (!listed.empty()) return listed[k];
  return number_of(
      count == 1 ? range.from : between(range, static_cast<double>(k) / static_cast<double>(count - 1)),
      range);
}

Value Axis::value_at(double share) const {
  share = std::min(share, 1.0 - 0x1p-53);
  if (!listed.empty()) return listed[static_cast<std::size_t>(share * static_cast<double>(listed.size()))];
  if (!range.whole || range.logarithmic) return number_of(between(range, share), range);
  return number_of(range.from + std::floor(share * (range.to - range.from + 1.0)), range);
}

bool Axis::numeric() const {
  const auto alike = [&](const Value& v) { return v.number && v.unit == listed.front().unit; };
  return std::ranges::all_of(listed, alike);
}

std::string Axis::column() const {
  const std::string unit = listed.empty() ? range.unit : numeric() ? listed.front().unit : "";
  return unit.empty() ? path : fmt::format("{} [{}]", path, unit);
}

Axis read_axis(const config::Node& axes, std::string_view key, bool drawn) {
  Axis axis;
  axis.path = key;
  if (axes.is_object(key)) {
    const config::Node node = axes.object(key);
    axis.range = read_range(node);
    if (!drawn)
      axis.count = static_cast<std::uint64_t>(node.positive("count"));
    else if (node.has("count"))
      node.ignore("count"), node.problem("count", "\"points\" says how many are drawn from this range");
    return axis;
  }
  for (const config::Node& node : axes.list(key)) axis.listed.push_back(value_of(node.as_json()));
  axis.count = axis.listed.size();
  if (axis.count == 0)
    axes.problem(key, "no value is listed", "leave the axis out, or list what the scenario has");
  return axis;
}

}  // namespace tideline::sweep
