#include "sim/finance/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/base/error.h"
#include "sim/config/time_zone.h"
#include "sim/finance/payable.h"
#include "sim/finance/volumes.h"

namespace tideline::finance {
namespace {

using config::Document;
using config::Node;

// A result of `run`, or a file of volumes.
enum class Form { kResult, kVolumes };

Form form_of(const Node& root, const Document& document) {
  if (root.has("scenario") && root.has("ledger")) return Form::kResult;
  if (!root.has("volumes")) {
    root.ignore_rest();
    root.problem(
        "", "neither the result of a run nor books of published volumes: wants \"ledger\" or \"volumes\"",
        root.has("workload") ? "run the scenario first: tideline run SCENARIO --out FOLDER" : "");
    document.finish();
  }
  return Form::kVolumes;
}

void ignore_all_but(const Node& node, std::initializer_list<std::string_view> keys) {
  for (const std::string& key : node.keys())
    if (std::ranges::find(keys, key) == keys.end()) node.ignore(key);
}

void read_published(const Node& node, std::map<std::string, double>& published) {
  for (const Figure& f : kFigures) {
    if (!node.has(f.key)) continue;
    const std::vector<double> value = node.number_or_numbers(f.key);
    if (value.size() == 1) published[std::string(f.key)] = value.front();
  }
}

// What a scenario has published of money; a range of two numbers is not of these figures.
void read_published_of_run(const Node& scenario, Study& study, Case& only) {
  const auto published = scenario.optional_object("published");
  if (!published) return;
  study.published_source = published->text("source", "");
  read_published(*published, only.published);
  published->ignore_rest();
}

std::vector<Case> read_cases(const Node& root) {
  std::vector<Case> cases;
  if (!root.has("cases")) return {Case{.name = "as it stands"}};
  for (const Node& node : root.list("cases")) {
    cases.push_back({.name = node.text("name")});
    if (node.has("set"))
      for (const Node& text : node.list("set")) cases.back().set.push_back(text.as_text());
    if (const auto published = node.optional_object("published"))
      read_published(*published, cases.back().published);
  }
  if (cases.empty())
    root.problem("cases", "wants at least one case");
  else if (!cases.front().set.empty())
    root.problem("cases", "the first case is the file as it stands: it sets nothing");
  return cases;
}

// The figures at the eight corners of what rounding has left open.
void add_rounding(const Node& volumes, std::int64_t first_minute, Case& c) {
  if (!is_rounded(volumes)) return;
  for (int corner = 0; corner < 8; ++corner) {
    const auto end = [&](int bit) { return (corner >> bit & 1) != 0 ? 0.5 : -0.5; };
    Case at{.name = "", .terms = c.terms};
    at.ledger = read_volumes(volumes, first_minute, {end(0), end(1), end(2)});
    settle(at);
    for (const Figure& f : kFigures) {
      const std::optional<double> value = f.of(at);
      if (!value) continue;
      Rounding& r = c.rounding.try_emplace(std::string(f.key), Rounding{*value, *value}).first->second;
      r = {std::min(r.low, *value), std::max(r.high, *value)};
    }
  }
}

// How far a run may be off in node-hours is how far its cost may be.
void read_bands(const Node& root, Terms& terms) {
  const auto bands = root.optional_object("bands");
  if (!bands) return;
  std::vector<double> node_hours = bands->numbers("node_hours_a_token");
  bands->ignore_rest();
  if (std::ranges::any_of(node_hours, [](double factor) { return !(factor > 0.0); }))
    return bands->problem("node_hours_a_token", "wants factors above 0");
  if (!node_hours.empty()) add_bands_of_run(std::move(node_hours), terms.uncertainty);
}

// Classes that the money may name: of the run, and of its scenario those that another pool serves.
std::vector<std::string> known_classes(const Node& frame, std::vector<std::string> names, bool result) {
  if (!result || !frame.has("workload")) return names;
  const Node workload = frame.object("workload");
  if (!workload.given("classes")) return names;
  for (const Node& c : workload.list("classes"))
    if (std::string name = c.text("name"); std::ranges::find(names, name) == names.end())
      names.push_back(std::move(name));
  return names;
}

// A document as a study of its first case.
Study read_document(const Document& document, Form form) {
  const Node root = document.root();
  const bool result = form == Form::kResult;
  if (result) ignore_all_but(root, {"scenario", "ledger", "bands"});
  const Node frame = result ? root.object("scenario") : root;
  if (result) ignore_all_but(frame, {"question", "start", "time_zone", "money", "published"});
  Study study;
  study.question = frame.text("question");
  study.start = config::read_start(frame);
  study.time_zone = config::read_time_zone(frame, study.start);
  if (result) {
    study.cases.push_back({.name = "the run"});
    read_published_of_run(frame, study, study.cases.front());
  } else {
    study.published_source = root.text("published_source", "");
    study.cases = read_cases(root);
  }
  Case first = study.cases.empty() ? Case{} : study.cases.front();
  const Node of = root.object(result ? "ledger" : "volumes");
  first.ledger = result ? read_ledger(of) : read_volumes(of, study.start.first_minute);
  first.terms = read_terms(frame.object("money"), first.ledger.gpus_per_node, study.time_zone,
                           known_classes(frame, first.ledger.classes, result));
  if (result) read_bands(root, first.terms);
  if (first.ledger.first_minute != study.start.first_minute)
    of.problem("local_start", "is another hour than that of \"start\"");
  document.finish();
  study.effective = document.effective();
  study.standalone = document.standalone();
  require_payable(first.terms, first.ledger);
  settle(first);
  if (!result) add_rounding(of, study.start.first_minute, first);
  study.cases.front() = std::move(first);
  return study;
}

}  // namespace

Study read_books(const Document& document) {
  return read_document(document, Form::kVolumes);
}

namespace {

// Whether it changes the terms or the volumes of a case, which may set the same itself.
bool changes(const std::string& override, const Case& c) {
  const auto path = [](const std::string& text) { return text.substr(0, text.find('=')); };
  const auto is_in = [](const std::string& whole, const std::string& part) {
    return part == whole || part.starts_with(whole + ".");
  };
  const std::string changed = path(override);
  constexpr std::array kOfACase = {"money", "volumes", "ledger", "scenario.money"};
  return std::ranges::any_of(kOfACase, [&](const char* whole) { return is_in(whole, changed); }) &&
         std::ranges::none_of(c.set, [&](const std::string& own) { return is_in(path(own), changed); });
}

// What a case is called, and what is published of it, is of the file, not of what is set beside it.
void name_as_set(Case& c, const std::vector<std::string>& overrides) {
  if (std::ranges::none_of(overrides, [&](const std::string& o) { return changes(o, c); })) return;
  c.name += ", as set";
  c.published.clear();
}

}  // namespace

Study read_study(const std::string& file, const std::vector<std::string>& overrides) {
  const Document plain = Document::load(file);
  const Form form = form_of(plain.root(), plain);
  const auto read = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all;
    for (const auto* list : {&overrides, &more})
      for (const std::string& text : *list)
        all.push_back(form == Form::kResult && text.starts_with("money.") ? "scenario." + text : text);
    return read_document(Document::load(file, all), form);
  };
  Study study = read({});
  for (std::size_t i = 1; i < study.cases.size(); ++i) {
    Case settled = std::move(read(study.cases[i].set).cases.front());
    settled.name = study.cases[i].name;
    settled.set = study.cases[i].set;
    settled.published = study.cases[i].published;
    study.cases[i] = std::move(settled);
  }
  for (Case& c : study.cases) name_as_set(c, overrides);
  return study;
}

std::optional<Sensitivity> sensitivity(const Case& of, int threads) {
  if (!of.terms.uncertainty || of.ledger.saturated) return std::nullopt;
  const Uncertainty& u = *of.terms.uncertainty;
  const Drivers drivers = drivers_of(of.terms, of.ledger, of.statement);
  const auto profit = [&](std::span<const double> probabilities) {
    Levers levers = drivers.base;
    for (std::size_t i = 0; i < u.ranges.size(); ++i) {
      const auto lever = u.ranges[i].lever->value;
      levers.*lever = quantile(u.ranges[i], drivers.base.*lever, probabilities[i]);
    }
    return outcome(drivers, levers).profit_usd();
  };
  return Sensitivity{.tornado = tornado(drivers, u.ranges),
                     .sobol = sobol_indices(u.ranges.size(), u.samples, profit, threads),
                     .bands = monte_carlo(drivers, u, threads)};
}

}  // namespace tideline::finance
