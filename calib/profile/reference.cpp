#include "calib/profile/reference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace tideline::profile {

double from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

double from_e4m3(std::uint8_t bits) {
  const int exponent = bits >> 3 & 15, mantissa = bits & 7;
  if (exponent == 15 && mantissa == 7) return std::numeric_limits<double>::quiet_NaN();
  const double size = exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8 + mantissa, exponent - 10);
  return bits & 0x80 ? -size : size;
}

double dot(const Row& a, const Row& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Row rms_norm(const Row& x, const Row& weight, double epsilon) {
  const double scale = 1.0 / std::sqrt(dot(x, x) / static_cast<double>(x.size()) + epsilon);
  Row y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] * scale * weight[i];
  return y;
}

Row swiglu(const Row& gate, const Row& up) {
  Row y(gate.size());
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = gate[i] / (1.0 + std::exp(-gate[i])) * up[i];
  return y;
}

Row rotate(const Row& x, const Row& cosine, const Row& sine) {
  Row y(x.size());
  for (std::size_t i = 0; i < x.size() / 2; ++i) {
    y[2 * i] = x[2 * i] * cosine[i] - x[2 * i + 1] * sine[i];
    y[2 * i + 1] = x[2 * i] * sine[i] + x[2 * i + 1] * cosine[i];
  }
  return y;
}

Row attend(const Row& q, const std::vector<Row>& keys, const std::vector<Row>& values, double scale) {
  Row score(keys.size());
  for (std::size_t j = 0; j < keys.size(); ++j) score[j] = scale * dot(q, keys[j]);
  const double top = *std::max_element(score.begin(), score.end());
  Row sum(values.front().size());
  double total = 0;
  for (std::size_t j = 0; j < keys.size(); ++j) {
    const double weight = std::exp(score[j] - top);
    total += weight;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * values[j][i];
  }
  for (double& x : sum) x /= total;
  return sum;
}

Choice route(const Row& logits, const Row& bias, int groups, int groups_kept, int top_k, double scale) {
  const int experts = static_cast<int>(logits.size()), width = experts / groups;
  Row score(logits.size()), biased(logits.size());
  for (std::size_t e = 0; e < logits.size(); ++e) {
    score[e] = 1.0 / (1.0 + std::exp(-logits[e]));
    biased[e] = score[e] + bias[e];
  }
  Row group_score;
  for (int g = 0; g < groups; ++g) {
    Row members(biased.begin() + g * width, biased.begin() + (g + 1) * width);
    std::partial_sort(members.begin(), members.begin() + 2, members.end(), std::greater<>());
    group_score.push_back(members[0] + members[1]);
  }
  std::vector<int> order(static_cast<std::size_t>(groups));
  std::iota(order.begin(), order.end(), 0);
  const auto by = [](const Row& value) {
    return [&value](int a, int b) {
      return value[static_cast<std::size_t>(a)] > value[static_cast<std::size_t>(b)];
    };
  };
  std::stable_sort(order.begin(), order.end(), by(group_score));
  std::vector<int> open;
  for (int g = 0; g < groups_kept; ++g)
    for (int e = 0; e < width; ++e) open.push_back(order[static_cast<std::size_t>(g)] * width + e);
  std::sort(open.begin(), open.end());
  std::stable_sort(open.begin(), open.end(), by(biased));

  Choice choice{{open.begin(), open.begin() + top_k}, {}};
  double total = 0;
  for (const int e : choice.experts) total += score[static_cast<std::size_t>(e)];
  for (const int e : choice.experts)
    choice.weights.push_back(score[static_cast<std::size_t>(e)] / total * scale);
  return choice;
}

double relative_error(const Row& got, const Row& expected) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::fabs(got[i] - expected[i]);
    if (std::isnan(difference)) return difference;
    worst = std::max(worst, difference);
  }
  const double rms = std::sqrt(dot(expected, expected) / static_cast<double>(expected.size()));
  return worst / rms;
}

}  // namespace tideline::profile
