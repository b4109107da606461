#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "calib/inspect/inspect.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kColumns = 64, kRows = 11;
constexpr double kRange = 0.5;  // of ln(time), either way; what is farther off stands on the edge

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100.0 * share);
}

std::string mean_median(const Json& error) {
  if (error["points"] == 0) return "-";
  return fmt::format("{:.1f}/{:.1f}", 100.0 * error["mean"].get<double>(),
                     100.0 * error["median"].get<double>());
}

// Of what is known, of an unknown kernel, of what lies beyond.
std::string coverage(const Json& e) {
  std::string out;
  for (const auto& [kind, share] : e["coverage"].items())
    out += fmt::format("{}{}", out.empty() ? "" : "|",
                       share == 0.0 ? "-" : fmt::format("{:.0f}", 100.0 * share.get<double>()));
  return out;
}

std::string table(const Json& families) {
  constexpr const char* kRow = "{:<28}{:>6}{:>7}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>9}\n";
  std::string out =
      fmt::format(fmt::runtime(kRow), "", "", "", "", "held out:", "", "", "unknown", "", "in 90 %");
  out += fmt::format(fmt::runtime(kRow), "mean/median error in %", "points", "slices", "backbone", "point",
                     "shapes", "inside", "kernel", "beyond", "interval");
  for (const auto& [name, f] : families.items()) {
    const Json& e = f["errors"];
    out += fmt::format(fmt::runtime(kRow), name, e["backbone"]["points"].get<int>(), e["slices"].get<int>(),
                       mean_median(e["backbone"]), mean_median(e["points"]),
                       mean_median(e["shapes_held_out"]), mean_median(e["inside"]), mean_median(e["unknown"]),
                       mean_median(e["beyond"]), coverage(e));
  }
  return out;
}

std::string sigma(const Json& f) {
  const Json& s = f["sigma"];
  std::string out =
      fmt::format("  sigma of ln(time): known {}, unknown {}, beyond {}; shared by the family {}",
                  percent(s["known"]), percent(s["unknown"]), percent(s["beyond"]), percent(s["family"]));
  if (s.contains("bootstrap"))
    out += fmt::format(" (slices {}, versions {})", percent(s["bootstrap"]), percent(s["versions"]));
  if (s.contains("transfer")) out += fmt::format(", by its transfer {}", percent(s["transfer"]));
  return out + "\n";
}

// ln(measured / backbone) over the logarithm of the time; a digit counts the points in one place.
std::string plot(const Json& points) {
  if (points.empty()) return "  no points of its own: the backbone answers\n";
  double low = 1e300, high = 0.0;
  for (const Json& p : points)
    low = std::min(low, p["us"].get<double>()), high = std::max(high, p["us"].get<double>());
  const double width = std::max(1e-9, std::log(high / low));
  std::vector<std::string> rows(kRows, std::string(kColumns, ' '));
  rows[kRows / 2].assign(kColumns, '-');
  for (const Json& p : points) {
    const double r = std::clamp(p["residual"].get<double>(), -kRange, kRange);
    const auto row = static_cast<std::size_t>(std::lround((kRange - r) / (2.0 * kRange) * (kRows - 1)));
    const auto column =
        static_cast<std::size_t>(std::lround(std::log(p["us"].get<double>() / low) / width * (kColumns - 1)));
    char& c = rows[row][column];
    c = c == ' ' || c == '-' ? '1' : c == '9' ? '9' : static_cast<char>(c + 1);
  }
  std::string out;
  for (int row = 0; row < kRows; ++row) {
    const double r = kRange - 2.0 * kRange * row / (kRows - 1);
    out +=
        fmt::format("  {:>+5.0f} % |{}|\n", 100.0 * std::expm1(r) + 0.0, rows[static_cast<std::size_t>(row)]);
  }
  return out + fmt::format("          {:<{}}{:>20}\n", fmt::format("{:.1f} us", low), kColumns - 18,
                           fmt::format("{:.1f} us", high));
}

// The points of a family and whose measurements each stands on, by their number in the list of sources below.
std::string list(const Json& f) {
  std::string out = fmt::format("  {:>8}{:>8}{:>8}{:>10}{:>12}{:>12}{:>10}  {}\n", "a", "b", "s", "x", "us",
                                "backbone", "residual", "sources");
  for (const Json& p : f["points"])
    out += fmt::format("  {:>8}{:>8}{:>8g}{:>10g}{:>12.1f}{:>12.1f}{:>+8.1f} %  {}\n", p["a"].get<long>(),
                       p["b"].get<long>(), p["s"].get<double>(), p["x"].get<double>(), p["us"].get<double>(),
                       p["backbone_us"].get<double>(), 100.0 * std::expm1(p["residual"].get<double>()),
                       p.value("sources", ""));
  if (!f.contains("sources")) return out;
  out += "  sources\n";
  for (std::size_t i = 0; i < f["sources"].size(); ++i)
    out += fmt::format("  {:>4} {}\n", i, f["sources"][i].get<std::string>());
  return out;
}

}  // namespace

std::string inspect_text(const Json& inspected) {
  const Json& families = inspected["families"];
  std::string out =
      fmt::format("kernel times of {}\n\n", inspected["gpu"].get<std::string>()) + table(families);
  for (const auto& [name, f] : families.items()) {
    out += "\n" + name;
    if (f.contains("transferred_from"))
      out += fmt::format(", transferred from {}, whose errors these are",
                         f["transferred_from"].get<std::string>());
    out += fmt::format("\n{}  measured over backbone, by time\n{}", sigma(f), plot(f["points"]));
    if (families.size() == 1) out += list(f);
  }
  return out;
}

}  // namespace tideline::calib
