#include "calib/fit/fit_family.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "calib/fit/fit_backbone.h"
#include "calib/fit/merge.h"

namespace tideline::calib {
namespace {

using kernels::Backbone;
using kernels::Family;
using kernels::FamilyInfo;
using kernels::Sample;
using Json = nlohmann::ordered_json;

// No table is known better than this, whatever leaving out says of a few points.
constexpr double kSigmaMin = 0.03;
// Of a kernel that stands alone in its family, nothing is left to be learned from: assumed.
constexpr double kSigmaAlone = 0.3;

Backbone fit(const FamilyInfo& info, const Backbone& start, const std::vector<Sample>& samples) {
  std::vector<Observation> observations;
  for (const Sample& s : samples) observations.push_back({info.work_of(s.at), s.time});
  return fit_backbone(start, observations);
}

// |t - measured| / measured of each left-out sample, and ln of the ratio.
struct Errors {
  std::vector<double> relative, log;
  void add(Seconds predicted, Seconds measured) {
    const double ratio = predicted / measured;
    relative.push_back(std::abs(ratio - 1.0));
    log.push_back(std::log(ratio));
  }
  [[nodiscard]] double mean() const {
    double sum = 0.0;
    for (const double e : relative) sum += e;
    return relative.empty() ? 0.0 : sum / static_cast<double>(relative.size());
  }
  [[nodiscard]] double quantile(double p) const {
    if (relative.empty()) return 0.0;
    std::vector<double> sorted = relative;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1))];
  }
  [[nodiscard]] double rms_log() const {
    double sum = 0.0;
    for (const double e : log) sum += e * e;
    return log.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(log.size()));
  }
  [[nodiscard]] Json json() const {
    return {{"points", relative.size()},
            {"mean", rounded(mean())},
            {"median", rounded(quantile(0.5))},
            {"p90", rounded(quantile(0.9))}};
  }
};

Errors of_backbone(const FamilyInfo& info, const Backbone& backbone, const std::vector<Sample>& samples) {
  Errors errors;
  for (const Sample& s : samples) errors.add(backbone(info.work_of(s.at)), s.time);
  return errors;
}

bool same_curve(const Sample& p, const Sample& q) {
  return std::tuple(p.at.a, p.at.b, p.at.s) == std::tuple(q.at.a, q.at.b, q.at.s);
}

Errors of_known(const FamilyInfo& info, const Backbone& backbone, const std::vector<Sample>& samples) {
  Errors errors;
  for (std::size_t i = 1; i + 1 < samples.size(); ++i) {
    if (!same_curve(samples[i - 1], samples[i]) || !same_curve(samples[i], samples[i + 1])) continue;
    std::vector<Sample> rest = samples;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    errors.add(Family(backbone, info.work_of, rest, {}).time(samples[i].at).time, samples[i].time);
  }
  return errors;
}

Errors of_unknown(const FamilyInfo& info, const Backbone& start, const std::vector<Sample>& samples) {
  Errors errors;
  std::set<std::pair<std::int64_t, std::int64_t>> kernels;
  for (const Sample& s : samples) kernels.insert({s.at.a, s.at.b});
  if (kernels.size() < 2) return errors;
  for (const auto& kernel : kernels) {
    std::vector<Sample> rest, left_out;
    for (const Sample& s : samples) (std::pair(s.at.a, s.at.b) == kernel ? left_out : rest).push_back(s);
    const Family family(fit(info, start, rest), info.work_of, rest, {});
    for (const Sample& s : left_out) errors.add(family.time(s.at).time, s.time);
  }
  return errors;
}

Json samples_json(const std::vector<Sample>& samples) {
  Json a = Json::array(), b = Json::array(), s = Json::array(), x = Json::array(), time = Json::array();
  for (const Sample& sample : samples) {
    a.push_back(sample.at.a);
    b.push_back(sample.at.b);
    s.push_back(sample.at.s);
    x.push_back(sample.at.x);
    time.push_back(rounded(sample.time.value() * 1e6));
  }
  return {{"a", a}, {"b", b}, {"s", s}, {"x", x}, {"time_us", time}};
}

Json sources_json(const std::vector<Record>& records, const std::optional<Ceiling>& ceiling) {
  std::set<std::string> sources;
  for (const Record& r : records) sources.insert(r.source + " (" + r.library + ")");
  Json list = Json::array();
  for (const std::string& s : sources) list.push_back(s);
  if (ceiling) list.push_back(ceiling->source + ", its ceilings");
  return list;
}

// The same kernel at another implementation's ceilings: each time changes as the backbone does.
void raise_to(const Ceiling& ceiling, const FamilyInfo& info, Backbone& backbone,
              std::vector<Sample>& samples) {
  const Backbone measured = backbone;
  backbone.ec = ceiling.compute / backbone.peak;
  backbone.em = ceiling.memory / backbone.bandwidth;
  for (Sample& s : samples) s.time *= backbone(info.work_of(s.at)) / measured(info.work_of(s.at));
}

}  // namespace

double rounded(double value) {
  return std::stod(fmt::format("{:.6g}", value));
}

Json fit_family(const FamilyInfo& info, const catalog::Gpu& gpu, const std::vector<Record>& records,
                const std::optional<Ceiling>& ceiling) {
  Merged merged = merge(records);
  Backbone start;
  start.peak = info.fp8 ? gpu.fp8_peak : gpu.bf16_peak;
  start.bandwidth = gpu.bandwidth;
  Backbone backbone = fit(info, start, merged.samples);
  const Errors curve = of_backbone(info, backbone, merged.samples);
  const Errors known = of_known(info, backbone, merged.samples);
  const Errors unknown = of_unknown(info, start, merged.samples);
  if (ceiling) raise_to(*ceiling, info, backbone, merged.samples);

  const double sigma = std::max(kSigmaMin, std::hypot(known.rms_log(), merged.version_sd));
  Json out;
  out["sources"] = sources_json(records, ceiling);
  out["backbone"] = {{"t0_us", rounded(backbone.t0.value() * 1e6)},
                     {"ec", rounded(backbone.ec)},
                     {"em", rounded(backbone.em)},
                     {"p", rounded(backbone.p)}};
  out["sigma"] = {
      {"known", rounded(sigma)},
      {"unknown", rounded(unknown.log.empty() ? kSigmaAlone : std::hypot(unknown.rms_log(), sigma))}};
  out["errors"] = {{"records", records.size()},
                   {"backbone", curve.json()},
                   {"hold_out_known", known.json()},
                   {"hold_out_unknown", unknown.json()},
                   {"between_versions_sd", rounded(merged.version_sd)},
                   {"outliers", merged.outliers}};
  out["samples"] = samples_json(merged.samples);
  return out;
}

}  // namespace tideline::calib
