#include "sim/moe/gate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/base/check.h"

namespace tideline::moe {
namespace {

constexpr std::int64_t kDegreeMax = 16;
using Powers = std::array<double, kDegreeMax + 1>;

// p *= 1 + odds x, up to the degree.
void add_expert(double* p, std::int64_t degree, double odds) {
  for (std::int64_t d = degree; d > 0; --d) p[d] += odds * p[d - 1];
}

// Coefficient of x^degree in the product.
double coefficient(const double* a, const double* b, std::int64_t degree) {
  double sum = 0.0;
  for (std::int64_t d = 0; d <= degree; ++d) sum += a[d] * b[degree - d];
  return sum;
}

}  // namespace

Gate::Gate(const GateShape& shape, std::vector<double> odds)
    : shape_(shape), degrees_(shape.experts_per_token + 1), odds_(std::move(odds)) {
  CHECK(shape.groups >= 1 && shape.experts % shape.groups == 0, "{} experts in {} groups", shape.experts,
        shape.groups);
  CHECK(static_cast<std::int64_t>(odds_.size()) == shape.experts, "{} odds", odds_.size());
  CHECK(shape.groups_per_token >= 1 && shape.groups_per_token <= shape.groups, "{} groups of a token",
        shape.groups_per_token);
  CHECK(shape.experts_per_token >= shape.groups_per_token && shape.experts_per_token <= kDegreeMax &&
            shape.experts_per_token <= shape.groups_per_token * shape.group_size(),
        "{} experts of a token", shape.experts_per_token);
  double sum = 0.0;
  for (const double o : odds_) sum += o;
  CHECK(sum > 0.0, "no expert has odds");
  for (double& o : odds_) o *= static_cast<double>(shape.experts_per_token) / sum;  // keeps sums near 1
  for (std::int64_t g = 0; g < shape.groups; ++g) polynomials_.push_back(group_polynomial(g));
  total_ = choices(-1, -1).back();
  CHECK(total_ > 0.0, "too few experts have odds");
  find_frequencies();
}

Gate::Polynomial Gate::group_polynomial(std::int64_t group) const {
  Polynomial p(static_cast<std::size_t>(degrees_), 0.0);
  p[0] = 1.0;
  for (std::int64_t e = group * shape_.group_size(); e < (group + 1) * shape_.group_size(); ++e)
    add_expert(p.data(), shape_.experts_per_token, odds_[e]);
  p[0] = 0.0;  // a chosen group has a chosen expert
  return p;
}

void Gate::add_group(std::vector<double>& table, const double* polynomial) const {
  for (std::int64_t groups = shape_.groups_per_token; groups > 0; --groups)
    for (std::int64_t d = shape_.experts_per_token; d > 0; --d)
      table[groups * degrees_ + d] += coefficient(&table[(groups - 1) * degrees_], polynomial, d);
}

std::vector<double> Gate::choices(std::int64_t left_out, std::int64_t also_left_out) const {
  std::vector<double> table(static_cast<std::size_t>((shape_.groups_per_token + 1) * degrees_), 0.0);
  table[0] = 1.0;
  for (std::int64_t g = 0; g < shape_.groups; ++g)
    if (g != left_out && g != also_left_out) add_group(table, polynomials_[g].data());
  return table;
}

void Gate::find_frequencies() {
  const std::int64_t k = shape_.experts_per_token, size = shape_.group_size();
  frequencies_.assign(odds_.size(), 0.0);
  std::vector<Powers> before(static_cast<std::size_t>(size) + 1);
  for (std::int64_t g = 0; g < shape_.groups; ++g) {
    const std::vector<double> table = choices(g, -1);
    const double* others = &table[(shape_.groups_per_token - 1) * degrees_];
    const double* odds = &odds_[g * size];
    before[0] = Powers{1.0};
    for (std::int64_t i = 0; i < size; ++i) {
      before[i + 1] = before[i];
      add_expert(before[i + 1].data(), k, odds[i]);
    }
    Powers rest{};  // the experts after this one, times the other groups
    std::copy_n(others, degrees_, rest.begin());
    for (std::int64_t i = size - 1; i >= 0; --i) {
      double& frequency = frequencies_[g * size + i];
      const bool same = i + 1 < size && odds[i] == odds[i + 1];
      frequency = same ? frequencies_[g * size + i + 1]
                       : odds[i] * coefficient(before[i].data(), rest.data(), k - 1) / total_;
      add_expert(rest.data(), k, odds[i]);
    }
  }
}

double Gate::touch(std::span<const ExpertShare> held) const {
  // Probability of none: the odds of what is held are lowered by its share. What changes is multiplied last,
  // so that equal holdings have bit-equal answers wherever they stand.
  std::vector<double> share(odds_.size(), 0.0);
  std::vector<bool> changed(static_cast<std::size_t>(shape_.groups), false);
  for (const ExpertShare& h : held)
    share[h.expert] += h.share, changed[h.expert / shape_.group_size()] = true;
  std::vector<double> table(static_cast<std::size_t>((shape_.groups_per_token + 1) * degrees_), 0.0);
  table[0] = 1.0;
  for (std::int64_t g = 0; g < shape_.groups; ++g)
    if (!changed[g]) add_group(table, polynomials_[g].data());
  for (std::int64_t g = 0; g < shape_.groups; ++g) {
    if (!changed[g]) continue;
    Powers p{1.0};
    const std::int64_t first = g * shape_.group_size(), end = first + shape_.group_size();
    for (const bool parts : {false, true})
      for (std::int64_t e = first; e < end; ++e)
        if ((share[e] > 0.0) == parts)
          add_expert(p.data(), shape_.experts_per_token, odds_[e] * std::max(0.0, 1.0 - share[e]));
    p[0] = 0.0;
    add_group(table, p.data());
  }
  return 1.0 - table.back() / total_;
}

std::vector<double> Gate::group_covariance() const {
  const std::int64_t n = shape_.groups, k = shape_.experts_per_token;
  std::vector<double> covariance(static_cast<std::size_t>(n * n), 0.0),
      mean(static_cast<std::size_t>(n), 0.0);
  for (std::int64_t g = 0; g < n; ++g) {
    const std::vector<double> table = choices(g, -1);
    const double* others = &table[(shape_.groups_per_token - 1) * degrees_];
    for (std::int64_t a = 1; a <= k; ++a) {
      const double p = polynomials_[g][a] * others[k - a] / total_, count = static_cast<double>(a);
      mean[g] += count * p, covariance[g * n + g] += count * count * p;
    }
  }
  for (std::int64_t g = 0; g < n && shape_.groups_per_token > 1; ++g)
    for (std::int64_t h = g + 1; h < n; ++h) {
      const std::vector<double> table = choices(g, h);
      const double* others = &table[(shape_.groups_per_token - 2) * degrees_];
      double sum = 0.0;
      for (std::int64_t a = 1; a < k; ++a)
        for (std::int64_t b = 1; a + b <= k; ++b)
          sum += static_cast<double>(a * b) * polynomials_[g][a] * polynomials_[h][b] * others[k - a - b];
      covariance[g * n + h] = covariance[h * n + g] = sum / total_;
    }
  for (std::int64_t g = 0; g < n; ++g)
    for (std::int64_t h = 0; h < n; ++h) covariance[g * n + h] -= mean[g] * mean[h];
  return covariance;
}

std::vector<double> odds_of(const GateShape& shape, const std::vector<double>& frequencies) {
  constexpr int kRounds = 2000;
  constexpr double kClose = 1e-9;
  std::vector<double> odds = frequencies;
  if (*std::max_element(odds.begin(), odds.end()) >= 1.0) return {};
  for (int round = 0; round < kRounds; ++round) {
    const Gate gate(shape, odds);
    double worst = 0.0;
    for (std::size_t e = 0; e < odds.size(); ++e) {
      if (frequencies[e] <= 0.0) continue;
      const double ratio = frequencies[e] / gate.frequencies()[e];
      worst = std::max(worst, std::abs(ratio - 1.0));
      odds[e] *= std::sqrt(ratio);  // half a step: a full one swings when groups are uneven
    }
    if (worst < kClose) return odds;
    if (!std::isfinite(worst)) break;
  }
  return {};
}

}  // namespace tideline::moe
