#include "calib/fit/versions.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <set>
#include <tuple>

#include "calib/fit/merge.h"

namespace tideline::calib {
namespace {

using kernels::Coordinates;

// Of the ridge, in places: with one place, half of what it says is believed.
constexpr double kRidge = 1.0;

}  // namespace

Versions::Versions(const kernels::FamilyInfo& info, const kernels::Backbone& backbone,
                   const std::vector<Record>& records)
    : info_(&info), backbone_(backbone) {
  std::map<std::tuple<std::int64_t, std::int64_t, double, double>, std::map<std::string, std::vector<double>>>
      places;
  for (const Record& r : records)
    places[{r.at.a, r.at.b, r.at.s, r.at.x}][r.library].push_back(std::log(r.time.value()));
  struct Normal {
    Eigen::Matrix3d a = kRidge * Eigen::Matrix3d::Identity();
    Eigen::Vector3d b = Eigen::Vector3d::Zero();
  };
  std::map<std::string, Normal> normals;
  for (const auto& [place, versions] : places) {
    if (versions.size() < 2) continue;
    double mean = 0.0;
    for (const auto& [library, logs] : versions) mean += median(logs) / static_cast<double>(versions.size());
    const auto& [a, b, s, x] = place;
    const Parts p = parts({a, b, s, x});
    const Eigen::Vector3d v(p[0], p[1], p[2]);
    for (const auto& [library, logs] : versions) {
      Normal& n = normals[library];
      n.a += v * v.transpose();
      n.b += v * (median(logs) - mean);
    }
  }
  for (const auto& [library, n] : normals) {
    const Eigen::Vector3d d = n.a.ldlt().solve(n.b);
    factors_[library] = {d[0], d[1], d[2]};
  }
}

Versions::Parts Versions::parts(const Coordinates& at) const {
  const kernels::Work w = info_->work_of(at);
  const double t0 = (backbone_.t0 + backbone_.t1 * w.steps).value();
  const double compute = (w.flop / (backbone_.peak * backbone_.ec)).value();
  const double memory = (w.bytes / (backbone_.bandwidth * backbone_.em)).value();
  // What the p-norm gives each: the share of its power in the sum.
  const double joined = backbone_(w).value() - t0, f = t0 + joined;
  const double c = std::pow(compute, backbone_.p), m = std::pow(memory, backbone_.p);
  return {t0 / f, joined / f * m / (c + m), joined / f * c / (c + m)};
}

double Versions::log_factor(const std::string& library, const Coordinates& at) const {
  const auto found = factors_.find(library);
  if (found == factors_.end()) return 0.0;
  const Parts p = parts(at);
  double sum = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += p[i] * found->second[i];
  return sum;
}

std::vector<Record> Versions::on_a_level(std::vector<Record> records) const {
  for (Record& r : records) r.time *= std::exp(-log_factor(r.library, r.at));
  return records;
}

double Versions::spread(const std::vector<Record>& records) const {
  std::set<std::tuple<std::int64_t, std::int64_t, double, double>> places;
  for (const Record& r : records) places.insert({r.at.a, r.at.b, r.at.s, r.at.x});
  double square = 0.0;
  for (const auto& [library, d] : factors_)
    for (const auto& [a, b, s, x] : places) square += std::pow(log_factor(library, {a, b, s, x}), 2);
  const double n = static_cast<double>(factors_.size() * places.size());
  return n > 0.0 ? std::sqrt(square / n) : 0.0;
}

}  // namespace tideline::calib
