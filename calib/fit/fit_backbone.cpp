#include "calib/fit/fit_backbone.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace tideline::calib {
namespace {

using kernels::Backbone;
using Parameters = Eigen::Vector4d;  // ln t0, ln ec, ln em, ln p

// Where the loss turns from square to linear, in ln(time): an error of 10 %.
constexpr double kSoft = 0.1;
constexpr int kIterations = 200;

Backbone with(Backbone b, const Parameters& q) {
  b.t0 = Seconds(std::exp(q[0]));
  b.ec = std::min(std::exp(q[1]), 1.0);
  b.em = std::min(std::exp(q[2]), 1.0);
  b.p = std::clamp(std::exp(q[3]), 1.0, 8.0);
  return b;
}

Eigen::VectorXd residuals(const Backbone& b, const std::vector<Observation>& observations) {
  Eigen::VectorXd r(static_cast<Eigen::Index>(observations.size()));
  for (Eigen::Index i = 0; i < r.size(); ++i) {
    const Observation& o = observations[static_cast<std::size_t>(i)];
    r[i] = std::log(b(o.work) / o.time);
  }
  return r;
}

double loss(const Eigen::VectorXd& r) {
  double sum = 0.0;
  for (const double x : r) sum += 2.0 * kSoft * kSoft * (std::sqrt(1.0 + x * x / (kSoft * kSoft)) - 1.0);
  return sum;
}

}  // namespace

Backbone fit_backbone(const Backbone& start, const std::vector<Observation>& observations) {
  Parameters q(std::log(3e-6), std::log(0.7), std::log(0.8), std::log(2.0));
  Eigen::VectorXd r = residuals(with(start, q), observations);
  double best = loss(r), damping = 1e-2;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    Eigen::MatrixX4d jacobian(r.size(), 4);
    for (int j = 0; j < 4; ++j) {
      constexpr double kStep = 1e-6;
      Parameters moved = q;
      moved[j] += kStep;
      jacobian.col(j) = (residuals(with(start, moved), observations) - r) / kStep;
    }
    const Eigen::VectorXd weights = (1.0 + r.array().square() / (kSoft * kSoft)).rsqrt();
    const Eigen::Matrix4d normal = jacobian.transpose() * weights.asDiagonal() * jacobian;
    const Parameters gradient = jacobian.transpose() * (weights.array() * r.array()).matrix();
    const Eigen::Matrix4d damped =
        normal + damping * (Eigen::Matrix4d::Identity() + Eigen::Matrix4d(normal.diagonal().asDiagonal()));
    const Parameters next = q - damped.ldlt().solve(gradient);
    const Eigen::VectorXd r_next = residuals(with(start, next), observations);
    const double loss_next = loss(r_next);
    if (loss_next < best) {
      q = next, r = r_next, best = loss_next, damping = std::max(damping * 0.3, 1e-9);
    } else {
      damping *= 4.0;
      if (damping > 1e12) break;
    }
  }
  return with(start, q);
}

}  // namespace tideline::calib
