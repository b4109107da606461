// A published table outside the source tree (../shared), and the errors of a prediction of it. Tests that
// read one are skipped, and say so, where it is absent.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/skip.h"

namespace tideline {

using Row = std::map<std::string, std::string, std::less<>>;

inline double number(const Row& row, std::string_view column) {
  return std::strtod(row.find(column)->second.c_str(), nullptr);
}

// Empty, with a remark on the screen, when the file is absent.
inline std::vector<Row> reference_table(const std::string& name) {
  const std::string file = std::string(TIDELINE_REFERENCE) + "/" + name;
  std::ifstream in(file);
  if (!in) testing::skip(file);
  std::vector<Row> rows;
  std::vector<std::string> columns;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) continue;
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, ',');) fields.push_back(field);
    if (columns.empty()) {
      columns = fields;
      continue;
    }
    for (std::size_t i = 0; i < std::min(fields.size(), columns.size()); ++i) {
      if (i == 0) rows.emplace_back();
      rows.back()[columns[i]] = fields[i];
    }
  }
  return rows;
}

class Errors {
 public:
  void add(double predicted, double measured) { logs_.push_back(std::log(predicted / measured)); }
  [[nodiscard]] std::size_t count() const { return logs_.size(); }
  [[nodiscard]] double mean() const {
    double sum = 0.0;
    for (const double e : logs_) sum += std::abs(std::expm1(e));
    return logs_.empty() ? 0.0 : sum / static_cast<double>(count());
  }
  [[nodiscard]] double median() const {
    std::vector<double> e;
    for (const double x : logs_) e.push_back(std::abs(std::expm1(x)));
    return middle(e);
  }
  [[nodiscard]] double bias() const { return std::expm1(middle(logs_)); }
  void print(const std::string& name) const {
    fmt::print("  {:<58}{:>6}{:>8.1f} %{:>7.1f} %{:>+8.1f} %\n", name, count(), 100.0 * mean(),
               100.0 * median(), 100.0 * bias());
  }
  static void print_head(const std::string& title) {
    fmt::print("{:<60}{:>6}{:>10}{:>9}{:>10}\n", title, "rows", "mean", "median", "bias");
  }

 private:
  static double middle(std::vector<double> v) {
    if (v.empty()) return 0.0;
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
  }
  std::vector<double> logs_;
};

}  // namespace tideline
