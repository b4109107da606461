#include "sim/report/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "sim/report/result_sections.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;

// The names of classes may hold dots, so that a step is as much of the path as a key has.
void add_names(const Json& at, const std::string& path, std::vector<std::string>& out) {
  if (at.is_object()) {
    for (const auto& [key, value] : at.items()) add_names(value, path.empty() ? key : path + "." + key, out);
  } else if (at.is_number() || at.is_boolean()) {
    out.push_back(path);
  }
}

const Json* find(const Json& at, std::string_view path) {
  if (path.empty()) return &at;
  if (!at.is_object()) return nullptr;
  for (const auto& [key, value] : at.items()) {
    if (path == key) return &value;
    if (!path.starts_with(key) || path[key.size()] != '.') continue;
    if (const Json* const found = find(value, path.substr(key.size() + 1))) return found;
  }
  return nullptr;
}

// A result with the shape that a run of the scenario has, and nothing in it.
scenario::Result empty_result(const scenario::Scenario& s) {
  scenario::Result r;
  r.scenario = s;
  const auto figures = scenario::summary_figures();
  r.figures.assign(figures.begin(), figures.end());
  for (scenario::Figure& f : r.figures) f.value = 0.0;
  r.statement.cost_per_million_miss = r.statement.cost_per_million_output = 0.0;
  r.prefill_pass_s = r.decode_step_s = 1.0;
  r.by_class.resize(s.workload.classes.size());
  for (const scenario::BandedFigure& f : scenario::kBanded)
    r.bands.figures.push_back({.figure = &f, .shares = {}});
  return r;
}

}  // namespace

std::vector<std::string> metric_names(const scenario::Scenario& s) {
  const scenario::Result r = empty_result(s);
  std::vector<std::string> names;
  for (const std::string_view section : kMetricSections)
    add_names(result_section(r, section), section == "summary" ? "" : std::string(section), names);
  return names;
}

Metrics::Metrics(std::vector<std::string> names) {
  for (std::string& name : names) {
    const std::string first = name.substr(0, name.find('.'));
    const bool section = first != name && std::ranges::find(kMetricSections, first) != kMetricSections.end();
    metrics_.push_back({section ? first : "summary", section ? name.substr(first.size() + 1) : name});
  }
}

bool Metrics::need_bands() const {
  return std::ranges::any_of(metrics_, [](const Metric& m) { return m.section == "bands"; });
}

std::vector<double> Metrics::of(const scenario::Result& r) const {
  std::map<std::string, Json> sections;
  std::vector<double> values;
  for (const Metric& m : metrics_) {
    const auto [section, fresh] = sections.try_emplace(m.section);
    if (fresh) section->second = result_section(r, m.section);
    const Json* const value = find(section->second, m.path);
    values.push_back(value && value->is_number()    ? value->get<double>()
                     : value && value->is_boolean() ? value->get<bool>() ? 1.0 : 0.0
                                                    : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

}  // namespace tideline::report
