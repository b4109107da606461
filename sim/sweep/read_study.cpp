#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "sim/base/error.h"
#include "sim/report/metrics.h"
#include "sim/scenario/load.h"
#include "sim/scenario/scenario.h"
#include "sim/sweep/study.h"

namespace tideline::sweep {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kDesigns = {"grid", "list", "latin_hypercube", "sobol"};
constexpr std::size_t kMetricsMax = 1000;  // a table of SQLite has at most 2,000 columns
// Listed values that are tried on the scenario; of more, as many evenly among them.
constexpr std::uint64_t kTried = 64;

std::string separated(std::uint64_t n) {
  std::string out = fmt::format("{}", n);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

// What a scenario says against one of its overrides; nothing where it reads, or fails elsewhere: values of
// several axes may be right together alone.
std::optional<Problem> objection(const config::Document& base, const std::vector<std::string>& overrides,
                                 const std::string& to) {
  try {
    (void)scenario::read(base.with(overrides));
  } catch (const InputError& e) {
    for (const Problem& p : e.problems())
      if (p.file == "--set " + to) return p;
  }
  return std::nullopt;
}

void explain(const config::Node& node, std::string_view key, const std::string& value, const Problem& p) {
  std::string message = p.message;
  if (!message.starts_with("unknown key")) message = fmt::format("{}: {}", value, message);
  if (!p.pointer.empty()) message += fmt::format(" (at {} of the scenario)", p.pointer);
  node.problem(key, message, p.suggestion);
}

class Reader {
 public:
  Reader(const config::Document& document, const std::string& file) : document_(document) {
    study_.file = file;
  }

  Study read_form() {
    const config::Node root = document_.root();
    study_.question = root.text("question");
    const fs::path base = root.text("base");
    study_.base = (root.folder("base") / base).lexically_normal().string();
    read_design(root);
    read_repetitions(root);
    read_wanted(root);
    document_.finish();
    study_.standalone = document_.standalone();
    return std::move(study_);
  }

  Study read() {
    study_ = read_form();
    try_on(document_.root());
    document_.finish();
    return std::move(study_);
  }

 private:
  void read_design(const config::Node& root) {
    const std::string design = root.choice("design", kDesigns, "grid");
    study_.design = static_cast<Design>(std::ranges::find(kDesigns, design) - kDesigns.begin());
    const bool drawn = study_.design == Design::kLatinHypercube || study_.design == Design::kSobol;
    if (root.has("set"))
      for (const config::Node& one : root.list("set")) study_.set.push_back(one.as_text());
    if (const auto axes = root.optional_object("axes")) {
      axes->keys_are_names();
      for (const std::string& path : axes->keys()) {
        study_.axes.push_back(read_axis(*axes, path, drawn));
        if (path == "seed") axes->problem(path, "the seed is no axis", "list them in \"seeds\"");
      }
    }
    if (drawn)
      read_draw(root);
    else if (study_.design == Design::kGrid)
      for (const Axis& a : study_.axes) times(a.count);
    else if (!study_.axes.empty())
      take_together(root.object("axes"));
  }

  void read_draw(const config::Node& root) {
    study_.configurations = static_cast<std::uint64_t>(root.positive("points"));
    study_.draw_seed = static_cast<std::uint64_t>(root.count("draw_seed", 1));
    if (study_.axes.empty() || study_.axes.size() > sampling::Sobol::kDimensionsMax)
      root.problem("axes", fmt::format("wants 1 to {} axes to draw from", sampling::Sobol::kDimensionsMax));
    else if (study_.design == Design::kSobol)
      study_.sobol = std::make_shared<const sampling::Sobol>(study_.axes.size());
  }

  void take_together(const config::Node& axes) {
    const Axis& first = study_.axes.front();
    times(first.count);
    for (const Axis& a : study_.axes)
      if (a.count != first.count)
        axes.problem(a.path, fmt::format("has {} values, and \"{}\" has {}: a list takes them together",
                                         a.count, first.path, first.count));
  }

  void read_repetitions(const config::Node& root) {
    if (root.has("seeds")) study_.seeds = root.counts("seeds");
    study_.replications = static_cast<std::uint64_t>(root.positive("replications", 1));
    if (root.has("seeds") && study_.seeds.empty())
      root.problem("seeds", "no seed is listed", "leave \"seeds\" out for the scenario's own");
    if (factors_.empty()) factors_.push_back(study_.configurations);
    if (!study_.seeds.empty()) factors_.push_back(study_.seeds.size());
    if (study_.replications > 1) factors_.push_back(study_.replications);
    double points = 1.0;
    std::string product;
    for (const std::uint64_t f : factors_) {
      points *= static_cast<double>(f);
      product += (product.empty() ? "" : " x ") + separated(f);
    }
    if (points <= static_cast<double>(kPointsMax)) return;
    root.problem(
        root.has("axes") ? "axes" : "replications",
        fmt::format("{} = {:.3g} points, and at most {} are run", product, points, separated(kPointsMax)),
        R"(list fewer values, or draw from them: "design": "sobol", "points": 10000)");
  }

  void read_wanted(const config::Node& root) {
    if (!root.has("metrics") || root.list("metrics").empty()) {
      root.problem(root.has("metrics") ? "metrics" : "", "no metrics: nothing of the runs would be kept",
                   R"(add "metrics": ["cost_profit_ratio", "output_speed_tok_s_user", "ttft_s.p99"])");
      return;
    }
    for (const config::Node& m : root.list("metrics")) {
      study_.metrics.push_back(m.as_text());
      if (std::ranges::count(study_.metrics, study_.metrics.back()) > 1)
        m.problem("", fmt::format("\"{}\" is kept twice", study_.metrics.back()));
    }
    if (study_.metrics.size() > kMetricsMax)
      root.problem("metrics", fmt::format("at most {} metrics", kMetricsMax));
  }

  // What the scenario itself says to all that is set, varied and asked for.
  void try_on(const config::Node& root) {
    if (!fs::is_regular_file(scenario::file_of(study_.base))) {
      root.problem("base", fmt::format("cannot read \"{}\"", study_.base),
                   "the path is relative to the study");
      return;
    }
    const config::Document plain = scenario::load(study_.base);
    if (root.has("set"))
      for (const config::Node& node : root.list("set")) {
        const std::string one = node.as_text();
        if (const auto p = objection(plain, {one}, one)) explain(node, "", one, *p);
      }
    document_.finish();
    study_.scenario = plain.with(study_.set);
    const config::Document document = study_.scenario.with({});
    const scenario::Scenario base = scenario::read(document);
    study_.files = document.named_files();
    scenario::require_schedule(base);
    study_.base_effective = base.effective;
    for (std::size_t a = 0; a < study_.axes.size(); ++a) try_axis(root.object("axes"), a);
    check_metrics(root, report::metric_names(base));
  }

  void try_axis(const config::Node& axes, std::size_t a) {
    const Axis& axis = study_.axes[a];
    const bool listed = !axis.listed.empty();
    const std::uint64_t tried = listed ? std::min<std::uint64_t>(axis.count, kTried) : 2;
    for (std::uint64_t k = 0; k < tried; ++k) {
      const Value v = listed ? axis.listed[k * axis.count / tried] : axis.value_at(static_cast<double>(k));
      const std::string text = axis.path + "=" + v.json;
      // Wrong by itself, and still wrong beside what others may be.
      std::optional<Problem> wrong;
      for (const double others : {-1.0, 0.0, 0.5, 1.0}) {
        std::vector<std::string> all;
        if (others >= 0.0)
          for (const Axis& other : study_.axes)
            if (&other != &axis) all.push_back(other.path + "=" + other.value_at(others).json);
        all.push_back(text);
        wrong = objection(study_.scenario, all, text);
        if (!wrong) break;
      }
      if (wrong) return explain(axes, axis.path, v.json, *wrong);
    }
  }

  void check_metrics(const config::Node& root, const std::vector<std::string>& known) {
    for (const config::Node& node : root.list("metrics")) {
      std::string name = node.as_text();
      if (name.starts_with("summary.")) name.erase(0, 8);
      if (std::ranges::find(known, name) != known.end()) continue;
      if (name.starts_with("hours.") || name.starts_with("nodes.")) {
        node.problem("", fmt::format("\"{}\" is of a list, and of lists nothing can be kept", name),
                     "the numbers of the summary, of classes, of the run and of bands can");
        continue;
      }
      const std::string near = nearest(name, known);
      node.problem("", fmt::format("no result has a number \"{}\"", name),
                   near.empty() ? "the names are those of `tideline run --format json`, joined by dots"
                                : fmt::format("did you mean \"{}\"?", near));
    }
  }

  void times(std::uint64_t values) {
    factors_.push_back(values);
    study_.configurations *= values;
  }

  const config::Document& document_;
  Study study_;
  std::vector<std::uint64_t> factors_;  // of the number of points
};

}  // namespace

Study read_form(const config::Document& document, const std::string& file) {
  return Reader(document, file).read_form();
}

Study read_study(const std::string& file, const std::vector<std::string>& overrides) {
  return Reader(config::Document::load(file, overrides), file).read();
}

}  // namespace tideline::sweep
