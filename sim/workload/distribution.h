// A distribution of a positive quantity (tokens of a prompt, of an answer) as one table of its quantiles,
// from which every draw is a look-up: a log-normal, a mixture or an empirical curve all cost the same few
// nanoseconds.
//
// The table is dyadic in both tails: 2^kCellBits cells for every halving of the remaining probability down to
// 2^-(kOctaves+1), which also stands for what lies beyond; linear inside a cell. Error: mean within 0.05 % of
// the closed form for the log-normals in use (tests/unit/workload).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

#include "sim/config/node.h"

namespace tideline::workload {

class Distribution {
 public:
  // Any distribution by its quantile function on (0, 1).
  static Distribution from_quantiles(const std::function<double(double)>& quantile);
  // exp(N(mu, sigma^2)), conditioned on being at most `max`.
  static Distribution log_normal(double mu, double sigma, double max);
  // Piecewise linear through (probability, value), both increasing from probability 0 to 1.
  static Distribution piecewise(const std::vector<double>& probabilities, const std::vector<double>& values);
  static Distribution constant(double value);
  // A scenario's {"log_normal": {...}} | {"quantiles": {...}} | {"constant": x}.
  static Distribution read(const config::Node& node);
  // The same of lengths, under that key, which are whole tokens and at least one. Fails: also where half of
  // what is drawn is none: its mean would not be that of the lengths.
  static Distribution read_tokens(const config::Node& node, std::string_view key);

  // The value at a uniform 32-bit word.
  [[nodiscard]] double operator()(std::uint32_t word) const {
    const bool upper = (word >> 31) != 0;
    const std::uint32_t tail = upper ? ~word : word;  // distance from the nearer end, below 2^31
    const int octave = std::countl_zero(tail | (1u << (31 - kOctaves))) - 1;
    const std::uint32_t within = tail << (octave + 2);  // the bits below the leading one, left-aligned
    const Cell& cell = cells_[upper][octave * kCells + static_cast<int>(within >> (32 - kCellBits))];
    return cell.base + cell.slope * static_cast<double>(within << kCellBits);
  }
  // Of draws that are cut to `max`.
  [[nodiscard]] double mean(double max = std::numeric_limits<double>::infinity()) const;

 private:
  static constexpr int kCellBits = 6, kCells = 1 << kCellBits, kOctaves = 24;
  struct Cell {
    double base = 0.0, slope = 0.0;
  };
  std::array<std::vector<Cell>, 2> cells_;
};

}  // namespace tideline::workload
