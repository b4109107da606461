#include "calib/fit/hold_out.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "calib/fit/fit_backbone.h"
#include "sim/base/random.h"

namespace tideline::calib {
namespace {

using kernels::Backbone;
using kernels::Family;
using kernels::FamilyInfo;
using kernels::Provenance;
using kernels::Sample;

constexpr std::size_t kFolds = 5, kCurvesMin = 5;
constexpr std::uint32_t kSeeds = 4;

Backbone fit_samples(const FamilyInfo& info, const Start& start, const std::vector<Sample>& samples) {
  std::vector<Observation> observations;
  for (const Sample& s : samples) observations.push_back({info.work_of(s.at), s.time});
  return fit_backbone(start, observations);
}

// The slices in an order of their own for each seed.
std::vector<std::size_t> shuffled(std::size_t n, std::uint32_t seed) {
  const RandomStream random(seed, 0, Purpose::kKernelError);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return std::tuple(random.block(i)[0], i) < std::tuple(random.block(j)[0], j);
  });
  return order;
}

// Runs of one version at one place are one measurement.
std::vector<Record> medians(const std::vector<Record>& records) {
  std::map<std::tuple<std::int64_t, std::int64_t, double, double, std::string>, std::vector<double>> places;
  for (const Record& r : records)
    places[{r.at.a, r.at.b, r.at.s, r.at.x, r.library}].push_back(r.time.value());
  std::vector<Record> out;
  for (const auto& [place, times] : places) {
    const auto& [a, b, s, x, library] = place;
    out.push_back({{a, b, s, x}, "", library, Seconds(median(times))});
  }
  return out;
}

}  // namespace

Fit fit_records(const FamilyInfo& info, const Start& start, const std::vector<Record>& records) {
  Fit fit;
  fit.merged = merge(records);
  fit.backbone = fit_samples(info, start, fit.merged.samples);
  if (info.id == kernels::FamilyId::kStreaming) return fit;  // its "libraries" are different kernels
  fit.versions = Versions(info, fit.backbone, records);
  fit.merged = merge(fit.versions.on_a_level(records));
  fit.backbone = fit_samples(info, start, fit.merged.samples);
  return fit;
}

std::vector<std::vector<Record>> shapes_of(const std::vector<Record>& records) {
  std::map<std::tuple<std::int64_t, std::int64_t, double, double>, std::vector<Record>> shapes;
  for (const Record& r : records) shapes[{r.at.a, r.at.b, r.at.s, r.at.x}].push_back(r);
  std::vector<std::vector<Record>> out;
  for (const auto& [at, shape] : shapes) out.push_back(shape);
  return out;
}

std::vector<std::vector<Record>> slices_of(const std::vector<Record>& records) {
  std::map<std::tuple<std::int64_t, std::int64_t, double>, std::vector<Record>> curves;
  for (const Record& r : records) curves[{r.at.a, r.at.b, r.at.s}].push_back(r);
  if (curves.size() < kCurvesMin) return shapes_of(records);
  std::vector<std::vector<Record>> slices;
  for (const auto& [at, slice] : curves) slices.push_back(slice);
  return slices;
}

std::vector<Errors> leave_points_out(const FamilyInfo& info, const Fit& fit,
                                     const std::vector<std::vector<Record>>& slices) {
  const auto curve = [](const kernels::Coordinates& c) { return std::tuple(c.a, c.b, c.s); };
  const std::vector<Sample>& samples = fit.merged.samples;
  using Place = std::tuple<std::int64_t, std::int64_t, double, double>;
  const auto place = [](const kernels::Coordinates& c) { return Place(c.a, c.b, c.s, c.x); };
  std::map<Place, std::vector<std::pair<std::size_t, Record>>> measured;  // with the number of its slice
  for (std::size_t slice = 0; slice < slices.size(); ++slice)
    for (const Record& r : medians(slices[slice])) measured[place(r.at)].emplace_back(slice, r);
  std::vector<Errors> errors(slices.size());
  for (std::size_t i = 1; i + 1 < samples.size(); ++i) {
    const kernels::Coordinates at = samples[i].at;
    if (curve(samples[i - 1].at) != curve(at) || curve(at) != curve(samples[i + 1].at)) continue;
    std::vector<Sample> rest = samples;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const Seconds t = Family(fit.backbone, info.work_of, rest, {}).time(at).time;
    for (const auto& [slice, r] : measured[place(at)])
      errors[slice].add(t * std::exp(fit.versions.log_factor(r.library, at)), r.time);
  }
  return errors;
}

double coverage(const std::vector<Errors>& slices, double sigma_min) {
  std::size_t inside = 0, all = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    Errors others;
    for (std::size_t j = 0; j < slices.size(); ++j)
      if (j != i) others.add(slices[j]);
    const double half = kZ90 * std::max(sigma_min, others.sigma());
    for (const double e : slices[i].log()) inside += std::abs(e) <= half;
    all += slices[i].log().size();
  }
  return all > 0 ? static_cast<double>(inside) / static_cast<double>(all) : 0.0;
}

std::vector<std::vector<Record>> kernels_of(const std::vector<Record>& records) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Record>> kernels;
  for (const Record& r : records) kernels[{r.at.a, r.at.b}].push_back(r);
  std::vector<std::vector<Record>> slices;
  for (const auto& [at, slice] : kernels) slices.push_back(slice);
  return slices;
}

Errors HeldOut::all() const {
  Errors sum;
  for (const auto* kind : {&interpolated, &neighbours, &extrapolated})
    for (const Errors& slice : *kind) sum.add(slice);
  return sum;
}

HeldOut hold_out(const FamilyInfo& info, const Start& start, const std::vector<std::vector<Record>>& slices) {
  HeldOut out;
  for (auto* kind : {&out.interpolated, &out.neighbours, &out.extrapolated}) kind->resize(slices.size());
  const std::size_t folds = std::min(kFolds, slices.size());
  if (folds < 2) return out;
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    const std::vector<std::size_t> order = shuffled(slices.size(), seed);
    for (std::size_t fold = 0; fold < folds; ++fold) {
      std::vector<Record> seen;
      for (std::size_t i = 0; i < order.size(); ++i)
        if (i % folds != fold) seen.insert(seen.end(), slices[order[i]].begin(), slices[order[i]].end());
      const Fit fit = fit_records(info, start, seen);
      const Family family(fit.backbone, info.work_of, fit.merged.samples, {});
      for (std::size_t i = fold; i < order.size(); i += folds)
        for (const Record& r : medians(slices[order[i]])) {
          const kernels::Answer a = family.time(r.at);
          auto& kind = a.provenance == Provenance::kNeighbours || a.provenance == Provenance::kAssumed
                           ? out.neighbours
                       : a.provenance == Provenance::kExtrapolated ? out.extrapolated
                                                                   : out.interpolated;
          kind[order[i]].add(a.time * std::exp(fit.versions.log_factor(r.library, r.at)), r.time);
        }
    }
  }
  return out;
}

}  // namespace tideline::calib
