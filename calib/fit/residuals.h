// How far a fit is from each row it was fitted to, and from the same row when it has not seen it.
#pragma once

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "calib/fit/fit_family.h"

namespace tideline::calib {

template <class T>
std::vector<T> without(const std::vector<T>& all, std::size_t i) {
  std::vector<T> out = all;
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
  return out;
}

// Of ln(time), to a millionth: what is 0 but for the last bit is written as 0 by both compilers.
inline double log_residual(double fitted, double published) {
  return std::round(std::log(fitted / published) * 1e6) / 1e6 + 0.0;
}

class Residuals {
 public:
  // `row` says which row it is; times in microseconds.
  void add(nlohmann::ordered_json row, double published_us, double fitted_us, double left_out_us) {
    row["published_us"] = rounded(published_us);
    row["fitted_us"] = rounded(fitted_us);
    row["residual"] = log_residual(fitted_us, published_us);
    row["left_out"] = log_residual(left_out_us, published_us);
    rows_.push_back(std::move(row));
    const double left_out = std::log(left_out_us / published_us);
    square_ += left_out * left_out;
  }
  [[nodiscard]] const nlohmann::ordered_json& rows() const { return rows_; }
  [[nodiscard]] double rms_left_out() const { return std::sqrt(square_ / static_cast<double>(rows_.size())); }

 private:
  nlohmann::ordered_json rows_ = nlohmann::ordered_json::array();
  double square_ = 0.0;
};

}  // namespace tideline::calib
