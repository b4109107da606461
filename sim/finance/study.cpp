#include "sim/finance/study.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"
#include "sim/finance/volumes.h"

namespace tideline::finance {
namespace {

using config::Document;
using config::Node;
using Value = std::optional<double>;

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

// Everything of a document but its cases; those of the first reading alone are kept.
Study read_document(const Document& document, Form form, Terms& terms, Ledger& ledger) {
  const Node root = document.root();
  const bool result = form == Form::kResult;
  if (result) ignore_all_but(root, {"scenario", "ledger"});
  const Node frame = result ? root.object("scenario") : root;
  if (result) ignore_all_but(frame, {"question", "start", "time_zone", "money", "published"});
  Study study;
  study.question = frame.text("question");
  study.start = config::read_start(frame);
  study.time_zone = frame.text("time_zone", "UTC");
  ledger = result ? read_ledger(root.object("ledger"))
                  : read_volumes(root.object("volumes"), study.start.first_minute);
  terms = read_terms(frame.object("money"), ledger.gpus_per_node, study.time_zone, ledger.classes);
  if (result) {
    study.cases.push_back({.name = "the run"});
    read_published_of_run(frame, study, study.cases.front());
  } else {
    study.published_source = root.text("published_source", "");
    study.cases = read_cases(root);
  }
  document.finish();
  study.effective = document.effective();
  return study;
}

Money revenue(const Case& c) {
  return c.statement.revenue.total();
}

}  // namespace

const std::array<Figure, 17> kFigures = {{
    {"revenue_usd", "revenue", "USD", 2, [](const Case& c) -> Value { return revenue(c).usd(); }},
    {"forgone_usd", "given away, at its price", "USD", 2,
     [](const Case& c) -> Value { return c.statement.forgone.total().usd(); }},
    {"cost_usd", "cost", "USD", 2, [](const Case& c) -> Value { return c.statement.cost.total().usd(); }},
    {"cost_prefill_usd", "  prefill nodes", "USD", 2,
     [](const Case& c) -> Value { return c.statement.cost.of_prefill().usd(); }},
    {"cost_decode_usd", "  decode nodes", "USD", 2,
     [](const Case& c) -> Value { return c.statement.cost.of_decode().usd(); }},
    {"cost_freed_usd", "  freed nodes", "USD", 2,
     [](const Case& c) -> Value { return c.statement.cost.of_freed().usd(); }},
    {"profit_usd", "profit", "USD", 2, [](const Case& c) -> Value { return c.statement.profit().usd(); }},
    {"gross_margin", "gross margin", "", 4,
     [](const Case& c) -> Value { return c.statement.gross_margin(); }},
    {"cost_profit_ratio", "cost-profit ratio", "", 4,
     [](const Case& c) -> Value { return c.statement.cost_profit_ratio(); }},
    {"cost_per_million_input_miss_usd", "cost of a million input misses", "USD", 4,
     [](const Case& c) -> Value { return c.statement.cost_per_million_miss; }},
    {"cost_per_million_output_usd", "cost of a million outputs", "USD", 4,
     [](const Case& c) -> Value { return c.statement.cost_per_million_output; }},
    {"nodes_mean", "nodes held, mean", "", 2, [](const Case& c) -> Value { return c.statement.nodes_mean; }},
    {"nodes_peak", "nodes held, peak", "", 0,
     [](const Case& c) -> Value { return static_cast<double>(c.statement.nodes_peak); }},
    {"break_even_paid_share", "break-even paid share", "", 4,
     [](const Case& c) -> Value { return c.break_even.paid_share; }},
    {"break_even_load", "break-even load", "", 4, [](const Case& c) -> Value { return c.break_even.load; }},
    {"break_even_price", "break-even prices", "", 4,
     [](const Case& c) -> Value { return c.break_even.price; }},
    {"break_even_gpu_rate_usd_h", "break-even GPU rate", "USD/h", 4,
     [](const Case& c) -> Value { return c.break_even.gpu_rate_usd_h; }},
}};

Study read_study(const std::string& file, const std::vector<std::string>& overrides) {
  const Document first = Document::load(file);
  const Form form = form_of(first.root(), first);
  const auto load = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all;
    for (const auto* list : {&overrides, &more})
      for (const std::string& text : *list)
        all.push_back(form == Form::kResult && text.starts_with("money.") ? "scenario." + text : text);
    return Document::load(file, all);
  };
  Study study;
  for (std::size_t i = 0; i < std::max<std::size_t>(study.cases.size(), 1); ++i) {
    Terms terms;
    Ledger ledger;
    Study read =
        read_document(load(i == 0 ? std::vector<std::string>{} : study.cases[i].set), form, terms, ledger);
    if (i == 0) study = std::move(read);
    Case& c = study.cases[i];
    c.statement = account(terms, ledger);
    c.break_even = break_even(terms, c.statement);
    c.terms = std::move(terms), c.ledger = std::move(ledger);
  }
  return study;
}

std::optional<Sensitivity> sensitivity(const Case& of) {
  if (!of.terms.uncertainty) return std::nullopt;
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
                     .sobol = sobol_indices(u.ranges.size(), u.samples, profit),
                     .bands = monte_carlo(drivers, u)};
}

}  // namespace tideline::finance
