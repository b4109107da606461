#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>

#include "sim/base/csv.h"
#include "sim/report/compare_report.h"
#include "sim/report/differences.h"
#include "sim/report/numbers.h"

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;
using namespace finance;

// A number of both sides under the name it has in JSON.
struct Row {
  std::string key, label;
  int decimals = 4;
  bool ratio = false;  // there are no percent of percent
  double a = 0, b = 0;
  [[nodiscard]] double change() const { return b - a; }
};

class Compared {
 public:
  Compared(const Side& a, const Side& b)
      : a_(Json::parse(a.text)), b_(Json::parse(b.text)), bridge_(bridge(a.study.base(), b.study.base())) {
    inputs_ = differences(input(a_, a), input(b_, b));
    for (const Figure& f : kFigures) {
      const std::optional<double> of_a = f.of(a.study.base()), of_b = f.of(b.study.base());
      if (of_a && of_b)
        money_.push_back(
            {std::string(f.key), label(f), f.decimals, f.unit.empty() && f.decimals == 4, *of_a, *of_b});
    }
    if (!a_.contains("summary") || !b_.contains("summary")) return;
    for (const Difference& d : numbers_of_both(a_["summary"], b_["summary"]))
      if (!is_money(d.path))
        service_.push_back({d.path, d.path, decimals(*d.a), false, d.a->get<double>(), d.b->get<double>()});
  }

  [[nodiscard]] const std::vector<Difference>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<Row>& money() const { return money_; }
  [[nodiscard]] const std::vector<Row>& service() const { return service_; }
  [[nodiscard]] const Bridge& effects() const { return bridge_; }

 private:
  // What was asked: of a run its whole scenario, of books of volumes the file as it was understood; without
  // what it is held to.
  const Json& input(const Json& file, const Side& side) {
    auto input = std::make_unique<Json>(file.contains("scenario") ? file["scenario"]
                                                                  : Json::parse(side.study.effective));
    for (const char* answer : {"question", "cases", "published", "published_source"}) input->erase(answer);
    return *understood_.emplace_back(std::move(input));
  }
  static std::string label(const Figure& f) {
    return f.unit.empty() ? std::string(f.label) : fmt::format("{}, {}", f.label, f.unit);
  }
  // Those of the money table, in the words of a run's summary.
  [[nodiscard]] bool is_money(const std::string& path) const {
    for (const Row& r : money_)
      if (r.key == path) return true;
    return false;
  }
  static int decimals(const Json& value) { return value.is_number_integer() ? 0 : 4; }

  Json a_, b_;
  std::vector<std::unique_ptr<Json>> understood_;
  Bridge bridge_;
  std::vector<Difference> inputs_;
  std::vector<Row> money_, service_;
};

std::string shown(const Json* value) {
  if (!value) return "-";
  std::string text = value->is_string() ? value->get<std::string>() : value->dump();
  constexpr std::size_t kWidth = 34;
  if (text.size() > kWidth) text = text.substr(0, kWidth - 3) + "...";
  return text;
}

std::string inputs_text(const std::vector<Difference>& inputs) {
  constexpr std::size_t kShown = 20;
  if (inputs.empty()) return "  the same inputs\n";
  std::string out = fmt::format("  {:<40}{:>36}{:>36}\n", "inputs that differ", "A", "B");
  for (std::size_t i = 0; i < inputs.size() && i < kShown; ++i)
    out += fmt::format("  {:<40}{:>36}{:>36}\n", inputs[i].path, shown(inputs[i].a), shown(inputs[i].b));
  if (inputs.size() > kShown) out += fmt::format("  and {} more (--format json)\n", inputs.size() - kShown);
  return out;
}

// On a screen a distribution is its mean and its p99.
bool on_screen(const Row& r) {
  for (const char* ending : {".p50", ".p90", ".p95", "_relative_error"})
    if (r.key.ends_with(ending)) return false;
  return true;
}

std::string rows_text(const char* title, const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  std::string out = fmt::format("\n  {:<40}{:>20}{:>20}{:>20}{:>12}\n", title, "A", "B", "B - A", "of A");
  for (const Row& r : rows)
    if (on_screen(r))
      out += fmt::format(
          "  {:<40}{:>20}{:>20}{:>20}{:>12}\n", r.label, grouped(r.a, r.decimals), grouped(r.b, r.decimals),
          grouped(r.change(), r.decimals),
          r.a != 0.0 && !r.ratio ? fmt::format("{:+.2f} %", r.change() / std::abs(r.a) * 100.0) : "");
  return out;
}

std::string bridge_text(const Bridge& b) {
  std::string out = fmt::format("\n  {:<40}{:>20}\n  {:<40}{:>20}\n", "profit, from A to B", "USD", "A",
                                grouped(b.from.usd(), 2));
  for (const CauseInfo& c : kCauses)
    out += fmt::format("    {:<38}{:>20}   {}\n", c.name,
                       fmt::format("{}{}", b.effects[static_cast<std::size_t>(c.cause)] < Money{} ? "" : "+",
                                   grouped(b.effects[static_cast<std::size_t>(c.cause)].usd(), 2)),
                       c.sentence);
  return out + fmt::format("  {:<40}{:>20}   effects are means over all orders (Shapley) and add up\n", "B",
                           grouped(b.to.usd(), 2));
}

// Why a saturated run has no ratios.
std::string saturated_text(char name, const Side& side) {
  if (!side.study.base().ledger.saturated) return "";
  return fmt::format(
      "{} was saturated: its nodes were too few. What they served only after the window is in its revenue,\n"
      "   and no node was paid for it: its profit is more than they earn, and it has no ratios\n",
      name);
}

Json row_json(const std::vector<Row>& rows) {
  Json out = Json::object();
  for (const Row& r : rows) out[r.key] = {{"a", r.a}, {"b", r.b}, {"change", r.change()}};
  return out;
}

}  // namespace

std::string compare_text(const Side& a, const Side& b) {
  const Compared c(a, b);
  return fmt::format("A  {}: {}\nB  {}: {}\n", a.file, a.study.question, b.file, b.study.question) +
         saturated_text('A', a) + saturated_text('B', b) + "\n" + inputs_text(c.inputs()) +
         rows_text("money", c.money()) + bridge_text(c.effects()) + rows_text("service", c.service());
}

std::string compare_json(const Side& a, const Side& b) {
  const Compared c(a, b);
  Json out{{"a", a.file}, {"b", b.file}, {"inputs", Json::object()}};
  for (const Difference& d : c.inputs())
    out["inputs"][d.path] = {{"a", d.a ? *d.a : Json(nullptr)}, {"b", d.b ? *d.b : Json(nullptr)}};
  out["saturated"] = {{"a", a.study.base().ledger.saturated}, {"b", b.study.base().ledger.saturated}};
  out["money"] = row_json(c.money());
  out["service"] = row_json(c.service());
  out["bridge"] = {
      {"method", "Shapley"}, {"from_usd", c.effects().from.usd()}, {"to_usd", c.effects().to.usd()}};
  for (const CauseInfo& cause : kCauses)
    out["bridge"]["effects_usd"][std::string(cause.name)] =
        c.effects().effects[static_cast<std::size_t>(cause.cause)].usd();
  return out.dump(2) + "\n";
}

std::string compare_csv(const Side& a, const Side& b) {
  const Compared c(a, b);
  const auto told = [](const Json* value) {
    return value ? csv_field(value->is_string() ? value->get<std::string>() : value->dump()) : "";
  };
  std::string out = "part,key,a,b,change\n";
  for (const Difference& d : c.inputs())
    out += fmt::format("input,{},{},{},\n", csv_field(d.path), told(d.a), told(d.b));
  out += fmt::format("service,saturated,{},{},\n", a.study.base().ledger.saturated,
                     b.study.base().ledger.saturated);
  for (const auto& [part, rows] : {std::pair{"money", &c.money()}, std::pair{"service", &c.service()}})
    for (const Row& r : *rows) out += fmt::format("{},{},{},{},{}\n", part, r.key, r.a, r.b, r.change());
  for (const CauseInfo& cause : kCauses)
    out += fmt::format("bridge,{},,,{:.6f}\n", cause.name,
                       c.effects().effects[static_cast<std::size_t>(cause.cause)].usd());
  return out;
}

}  // namespace tideline::report
