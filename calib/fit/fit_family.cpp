#include "calib/fit/fit_family.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "calib/fit/backbone_json.h"
#include "calib/fit/bootstrap.h"
#include "calib/fit/errors.h"
#include "calib/fit/hold_out.h"
#include "calib/fit/sources.h"

namespace tideline::calib {
namespace {

using kernels::Backbone;
using kernels::FamilyInfo;
using kernels::Sample;
using Json = nlohmann::ordered_json;

// No table is known better than this, whatever leaving out says of a few points.
constexpr double kSigmaMin = 0.03;
// Of a kernel that stands alone in its family, nothing is left to be learned from: assumed. Nor is a backbone
// that was taken from another family known better by the few points that there are.
constexpr double kSigmaAlone = 0.3;
// Where no slice lay beyond the others, an answer there is this much less certain: assumed, 1.5 to 3.
constexpr double kBeyond = 2.0;

Errors of_backbone(const FamilyInfo& info, const Backbone& backbone, const std::vector<Sample>& samples) {
  Errors errors;
  for (const Sample& s : samples) errors.add(backbone(info.work_of(s.at)), s.time);
  return errors;
}

Errors sum(const std::vector<Errors>& slices) {
  Errors all;
  for (const Errors& e : slices) all.add(e);
  return all;
}

Json samples_json(const std::vector<Sample>& samples, const Json& sources) {
  Json a = Json::array(), b = Json::array(), s = Json::array(), x = Json::array(), time = Json::array();
  for (const Sample& sample : samples) {
    a.push_back(sample.at.a);
    b.push_back(sample.at.b);
    s.push_back(sample.at.s);
    x.push_back(sample.at.x);
    time.push_back(rounded(sample.time.value() * 1e6));
  }
  return {{"a", a}, {"b", b}, {"s", s}, {"x", x}, {"time_us", time}, {"sources", sources}};
}

// The same kernel at another implementation's ceilings: each time changes as the backbone does.
void raise_to(const Ceiling& ceiling, const FamilyInfo& info, Backbone& backbone,
              std::vector<Sample>& samples) {
  const Backbone measured = backbone;
  backbone.ec = ceiling.compute / backbone.peak;
  backbone.em = ceiling.memory / backbone.bandwidth;
  for (Sample& s : samples) s.time *= backbone(info.work_of(s.at)) / measured(info.work_of(s.at));
}

Json fit_from(const Start& start, const FamilyInfo& info, const std::vector<Record>& records,
              const std::optional<Ceiling>& ceiling) {
  Fit fit = fit_records(info, start, records);
  const auto slices = slices_of(records);
  const HeldOut held_out = hold_out(info, start, slices);
  const std::vector<Errors> points = leave_points_out(info, fit, slices);
  // A place on a curve, or between two curves of one kernel: one sigma for both.
  std::vector<Errors> known = points;
  for (std::size_t i = 0; i < known.size(); ++i) known[i].add(held_out.interpolated[i]);
  // Where slices are curves of a few kernels, a whole kernel is held out as well.
  std::vector<Errors> unknown = held_out.neighbours;
  if (sum(unknown).empty()) unknown = hold_out(info, start, kernels_of(records)).neighbours;
  const auto sigma_or = [](const std::vector<Errors>& e, double otherwise) {
    return std::max(kSigmaMin, sum(e).empty() ? otherwise : sum(e).sigma());
  };
  const double bootstrap = bootstrap_sigma(info, start, fit), spread = fit.versions.spread(records);

  const Errors curve = of_backbone(info, fit.backbone, fit.merged.samples);
  // Where nothing could be left out, a point is known no better than the backbone knows it.
  const double sigma = sigma_or(known, curve.sigma());
  const double least_elsewhere = start.kept ? kSigmaAlone : kSigmaMin;
  const double unseen = sigma_or(unknown, kSigmaAlone),
               beyond = sigma_or(held_out.extrapolated, sum(known).empty() ? kSigmaAlone : kBeyond * sigma);
  std::vector<std::string> sources = cited(records);
  Json by_sample = sources_by_sample(fit.merged.samples, records, sources);
  if (ceiling) {
    raise_to(*ceiling, info, fit.backbone, fit.merged.samples);
    for (Json& of : by_sample) of = fmt::format("{} {}", of.get<std::string>(), sources.size());
    sources.push_back(ceiling->source + ", its ceilings");
  }
  Json out;
  out["sources"] = sources;
  out["backbone"] = backbone_json(fit.backbone);
  out["sigma"] = {{"known", rounded(sigma)},
                  {"unknown", rounded(std::max(least_elsewhere, unseen))},
                  {"beyond", rounded(std::max(least_elsewhere, beyond))},
                  {"family", rounded(std::hypot(bootstrap, spread))},
                  {"bootstrap", rounded(bootstrap)},
                  {"versions", rounded(spread)}};
  out["errors"] = {{"records", records.size()},
                   {"slices", slices.size()},
                   {"backbone", curve.json()},
                   {"points", sum(points).json()},
                   {"shapes_held_out", hold_out(info, start, shapes_of(records)).all().json()},
                   {"slices_held_out", held_out.all().json()},
                   {"inside", sum(held_out.interpolated).json()},
                   {"unknown", sum(unknown).json()},
                   {"beyond", sum(held_out.extrapolated).json()},
                   {"coverage",
                    {{"known", rounded(coverage(known, kSigmaMin))},
                     {"unknown", rounded(coverage(unknown, kSigmaMin))},
                     {"beyond", rounded(coverage(held_out.extrapolated, kSigmaMin))}}},
                   {"outliers", fit.merged.outliers}};
  out["samples"] = samples_json(fit.merged.samples, by_sample);
  return out;
}

}  // namespace

double rounded(double value) {
  return std::stod(fmt::format("{:.6g}", value));
}

Json fit_family(const FamilyInfo& info, const catalog::Gpu& gpu, const std::vector<Record>& records,
                const std::optional<Ceiling>& ceiling) {
  return fit_from(backbone_on(info, gpu), info, records, ceiling);
}

Json fit_family(const FamilyInfo& info, const std::vector<Record>& records, const Backbone& assumed) {
  return fit_from({assumed, true}, info, records, std::nullopt);
}

}  // namespace tideline::calib
