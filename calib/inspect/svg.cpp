#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "calib/inspect/inspect.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kWidth = 720, kHeight = 200, kLeft = 60, kRight = 20, kTop = 36, kBottom = 28;
constexpr double kRange = 0.5;  // of ln(time), either way
constexpr double kZ90 = 1.645;

// One panel at `top`: residuals over the logarithm of the time, the 90 % interval of a known place shaded.
std::string panel(const std::string& name, const Json& f, double top) {
  double low = 1e300, high = 0.0;
  for (const Json& p : f["points"])
    low = std::min(low, p["us"].get<double>()), high = std::max(high, p["us"].get<double>());
  const double inner_width = kWidth - kLeft - kRight, inner_height = kHeight - kTop - kBottom;
  const auto y = [&](double r) {
    return top + kTop + (kRange - std::clamp(r, -kRange, kRange)) / (2.0 * kRange) * inner_height;
  };
  const auto x = [&](double us) {
    return kLeft + (high > low ? std::log(us / low) / std::log(high / low) : 0.5) * inner_width;
  };
  const double half = kZ90 * f["sigma"]["known"].get<double>();
  std::string out = fmt::format("<text x=\"{}\" y=\"{:.1f}\" font-weight=\"bold\">{}{}</text>\n", kLeft,
                                top + 22.0, name, f.contains("transferred_from") ? ", transferred" : "");
  out += fmt::format("<rect x=\"{}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\" fill=\"#e8eef7\"/>\n", kLeft,
                     y(half), inner_width, y(-half) - y(half));
  for (const double r : {0.4, 0.2, 0.0, -0.2, -0.4}) {
    out += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", kLeft,
                       kWidth - kRight, y(r), y(r), r == 0.0 ? "#444" : "#ddd");
    out += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:+.0f} %</text>\n", kLeft - 6.0,
                       y(r) + 4.0, 100.0 * std::expm1(r) + 0.0);
  }
  for (const Json& p : f["points"])
    out +=
        fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"#1f4e9c\" fill-opacity=\"0.6\"/>\n",
                    x(p["us"].get<double>()), y(p["residual"].get<double>()));
  if (!f["points"].empty())
    out += fmt::format(
        "<text x=\"{}\" y=\"{:.1f}\">{:.1f} us</text>\n<text x=\"{}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{:.1f} "
        "us</text>\n",
        kLeft, top + kHeight - 8.0, low, kWidth - kRight, top + kHeight - 8.0, high);
  return out;
}

}  // namespace

std::string inspect_svg(const Json& inspected) {
  const Json& families = inspected["families"];
  const double height = kHeight * static_cast<double>(families.size()) + 30.0;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<text x=\"{}\" y=\"20\">{}: measured over backbone, by time; shaded: the 90 % interval of "
      "a measured kernel</text>\n",
      kWidth, height, kLeft, inspected["gpu"].get<std::string>());
  double top = 30.0;
  for (const auto& [name, f] : families.items()) {
    out += panel(name, f, top);
    top += kHeight;
  }
  return out + "</svg>\n";
}

}  // namespace tideline::calib
