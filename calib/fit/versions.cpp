#include "calib/fit/versions.h"

#include <cmath>
#include <set>
#include <tuple>

#include "calib/fit/merge.h"

namespace tideline::calib {
namespace {

using kernels::Coordinates;

// How near a comparison has to be, in shares of the time: of 0.05 to 0.4 the error held out depends little.
constexpr double kNear = 0.15;
// Weight of not believing: one comparison at the very place is believed by three quarters. Of 0.1 to 1 tried,
// for the error of products held out (decision 22).
constexpr double kDoubt = 0.3;

}  // namespace

Versions::Versions(const kernels::FamilyInfo& info, const kernels::Backbone& backbone,
                   const std::vector<Record>& records)
    : info_(&info), backbone_(backbone) {
  std::map<std::tuple<std::int64_t, std::int64_t, double, double>, std::map<std::string, std::vector<double>>>
      places;
  for (const Record& r : records)
    places[{r.at.a, r.at.b, r.at.s, r.at.x}][r.library].push_back(std::log(r.time.value()));
  for (const auto& [place, versions] : places) {
    if (versions.size() < 2) continue;
    double mean = 0.0;
    for (const auto& [library, logs] : versions) mean += median(logs) / static_cast<double>(versions.size());
    const auto& [a, b, s, x] = place;
    const Parts p = parts({a, b, s, x});
    for (const auto& [library, logs] : versions) comparisons_[library].push_back({p, median(logs) - mean});
  }
}

Versions::Parts Versions::parts(const Coordinates& at) const {
  const kernels::Work w = info_->work_of(at);
  const double t0 = (backbone_.t0 + backbone_.t1 * w.steps).value();
  const double compute = backbone_.compute(backbone_.executed(w)).value();
  const double memory = backbone_.memory(w).value();
  // What the p-norm gives each: the share of its power in the sum.
  const double joined = backbone_(w).value() - t0, f = t0 + joined;
  const double c = std::pow(compute, backbone_.p), m = std::pow(memory, backbone_.p);
  return {t0 / f, joined / f * m / (c + m), joined / f * c / (c + m)};
}

double Versions::log_factor(const std::string& library, const Coordinates& at) const {
  const auto found = comparisons_.find(library);
  if (found == comparisons_.end()) return 0.0;
  const Parts here = parts(at);
  double sum = 0.0, weights = kDoubt;
  for (const Comparison& c : found->second) {
    double distance = 0.0;
    for (std::size_t i = 0; i < here.size(); ++i) distance += std::pow(here[i] - c.parts[i], 2);
    const double weight = std::exp(-0.5 * distance / (kNear * kNear));
    sum += weight * c.log, weights += weight;
  }
  return sum / weights;
}

std::vector<Record> Versions::on_a_level(std::vector<Record> records) const {
  for (Record& r : records) r.time *= std::exp(-log_factor(r.library, r.at));
  return records;
}

double Versions::spread(const std::vector<Record>& records) const {
  std::set<std::tuple<std::int64_t, std::int64_t, double, double>> places;
  for (const Record& r : records) places.insert({r.at.a, r.at.b, r.at.s, r.at.x});
  double square = 0.0;
  for (const auto& [library, compared] : comparisons_)
    for (const auto& [a, b, s, x] : places) square += std::pow(log_factor(library, {a, b, s, x}), 2);
  const double n = static_cast<double>(comparisons_.size() * places.size());
  return n > 0.0 ? std::sqrt(square / n) : 0.0;
}

}  // namespace tideline::calib
