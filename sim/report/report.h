// Renders a result: text for a screen, JSON and CSV for programs. Every renderer reads the same struct.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/scenario/result.h"

namespace tideline::report {

// One screen: the question, each headline beside what was published, the verdict last.
std::string text(const scenario::Result& result);
// Everything of the result, and what it was computed from.
std::string json(const scenario::Result& result);
// One line an hour.
std::string hourly_csv(const scenario::Result& result);
// One line a minute, or one array a column: metrics::Minute, and requests a GPU of decode. good and
// good_output_tokens only where there are SLOs. Numbers to ten digits.
std::string series_csv(const scenario::Result& result);
std::string series_json(const scenario::Result& result);
// The summary as "key,value,published_low,published_high" lines.
std::string summary_csv(const scenario::Result& result);

// How far a prediction is from what was published.
struct Comparison {
  bool published = false;
  double low = 0, high = 0;
  bool inside = false;    // a range was published and the prediction lies in it
  // Signed distance to the nearest published value, as a share of it; 0 inside. Nothing where none was
  // published, or 0: there are no shares of it; nor where none was predicted.
  std::optional<double> relative;
};
using PublishedFigures = std::map<std::string, scenario::Published>;  // by summary key
Comparison compare(const PublishedFigures& published, const scenario::Figure& figure);

}  // namespace tideline::report
