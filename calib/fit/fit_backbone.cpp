#include "calib/fit/fit_backbone.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace tideline::calib {
namespace {

using kernels::Backbone;
using kernels::Executed;
constexpr int kParameters = 8, kUntiled = 5;
// ln of t0, ec, em, p, t1; of tiles also two_scales, one_group, wave
using Parameters = Eigen::Vector<double, kParameters>;

using Matrix = Eigen::Matrix<double, kParameters, kParameters>;

// Where the loss turns from square to linear, in ln(time): an error of 10 %.
constexpr double kSoft = 0.1;
constexpr int kIterations = 200;
constexpr double kConverged = 1e-12;  // of the loss, in one step

Backbone with(Backbone b, const Parameters& q) {
  b.t0 = Seconds(std::exp(q[0]));
  b.ec = std::min(std::exp(q[1]), 1.0);
  b.em = std::min(std::exp(q[2]), 1.0);
  b.p = std::clamp(std::exp(q[3]), 1.0, 8.0);
  b.t1 = Seconds(std::exp(q[4]));
  constexpr double kTilesMax = 5.0;  // where no point says anything of them
  b.tiles = {std::min(std::exp(q[5]), kTilesMax), std::min(std::exp(q[6]), kTilesMax),
             Seconds(std::exp(q[7]))};
  return b;
}

// Which tiles a product is cut into depends on nothing that is fitted.
std::vector<Executed> executed(const Backbone& b, const std::vector<Observation>& observations) {
  std::vector<Executed> out;
  for (const Observation& o : observations) out.push_back(b.executed(o.work));
  return out;
}

Eigen::VectorXd residuals(const Backbone& b, const std::vector<Observation>& observations,
                          const std::vector<Executed>& executed) {
  Eigen::VectorXd r(static_cast<Eigen::Index>(observations.size()));
  for (Eigen::Index i = 0; i < r.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const Observation& o = observations[at];
    r[i] = std::log(b.at(o.work, executed[at]) / o.time);
  }
  return r;
}

double loss(const Eigen::VectorXd& r) {
  double sum = 0.0;
  for (const double x : r) sum += 2.0 * kSoft * kSoft * (std::sqrt(1.0 + x * x / (kSoft * kSoft)) - 1.0);
  return sum;
}

}  // namespace

Backbone fit_backbone(const Start& from, const std::vector<Observation>& observations) {
  if (from.kept) return from.backbone;
  const Backbone& start = from.backbone;
  Parameters q;
  q << std::log(3e-6), std::log(0.7), std::log(0.8), std::log(2.0), std::log(5e-8), std::log(0.3),
      std::log(0.3), std::log(1e-6);
  const std::vector<Executed> tiles = executed(start, observations);
  const bool tiled =
      std::any_of(tiles.begin(), tiles.end(), [](const auto& e) { return e.waves > 0.0; });
  Eigen::VectorXd r = residuals(with(start, q), observations, tiles);
  double best = loss(r), damping = 1e-2;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    Eigen::MatrixXd jacobian = Eigen::MatrixXd::Zero(r.size(), kParameters);
    for (int j = 0; j < (tiled ? kParameters : kUntiled); ++j) {
      constexpr double kStep = 1e-6;
      Parameters moved = q;
      moved[j] += kStep;
      jacobian.col(j) = (residuals(with(start, moved), observations, tiles) - r) / kStep;
    }
    const Eigen::VectorXd weights = (1.0 + r.array().square() / (kSoft * kSoft)).rsqrt();
    const Matrix normal = jacobian.transpose() * weights.asDiagonal() * jacobian;
    const Parameters gradient = jacobian.transpose() * (weights.array() * r.array()).matrix();
    const Matrix damped = normal + damping * (Matrix::Identity() + Matrix(normal.diagonal().asDiagonal()));
    const Parameters next = q - damped.ldlt().solve(gradient);
    const Eigen::VectorXd r_next = residuals(with(start, next), observations, tiles);
    const double loss_next = loss(r_next);
    if (loss_next < best) {
      const bool done = best - loss_next < kConverged * best;
      q = next, r = r_next, best = loss_next, damping = std::max(damping * 0.3, 1e-9);
      if (done) break;
    } else {
      damping *= 4.0;
      if (damping > 1e12) break;
    }
  }
  Backbone fitted = with(start, q);
  if (std::all_of(observations.begin(), observations.end(),
                  [](const auto& o) { return o.work.steps == 0.0; }))
    fitted.t1 = Seconds(0.0);
  if (!tiled) fitted.tiles = {};
  return fitted;
}

}  // namespace tideline::calib
