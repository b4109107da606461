#include "calib/records/merge.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "calib/records/read.h"
#include "calib/records/write.h"

namespace tideline::records {
namespace {

constexpr double kAll = 0.98;  // of the time, as company tells beside from partly

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  const std::size_t half = v.size() / 2;
  return v.size() % 2 ? v[half] : 0.5 * (v[half - 1] + v[half]);
}

using Runs = std::vector<const Record*>;

Real median_of(const Runs& runs, Real Times::*field) {
  std::vector<double> values;
  for (const Record* r : runs)
    if (const Real& x = r->time_us.*field) values.push_back(*x);
  return values.empty() ? Real{} : median(std::move(values));
}

double log_variance_within(const Runs& runs) {
  constexpr double kSigmas = 2.5631;  // from the 10th to the 90th percentile of a normal distribution
  std::vector<double> out;
  for (const Record* r : runs)
    if (r->time_us.p10.value_or(0.0) > 0.0 && r->time_us.p90)
      out.push_back(std::pow(std::log(*r->time_us.p90 / *r->time_us.p10) / kSigmas, 2));
  return out.empty() ? 0.0 : median(std::move(out));
}

double log_variance_between(const Runs& runs) {
  std::vector<double> logs;
  for (const Record* r : runs)
    if (r->time_us.median > 0.0) logs.push_back(std::log(r->time_us.median));
  if (logs.size() < 2) return 0.0;
  double mean = 0.0, square = 0.0;
  for (const double x : logs) mean += x / static_cast<double>(logs.size());
  for (const double x : logs) square += (x - mean) * (x - mean);
  return square / static_cast<double>(logs.size() - 1);
}

Merged merge_runs(const Runs& runs) {
  Merged merged{*runs.front(), static_cast<int>(runs.size()),
                std::sqrt(log_variance_within(runs) + log_variance_between(runs))};
  Times t;
  std::vector<double> medians;
  for (const Record* r : runs) {
    t.n += r->time_us.n;
    medians.push_back(r->time_us.median);
    if (const Real& x = r->time_us.min) t.min = std::min(t.min.value_or(*x), *x);
    if (const Real& x = r->time_us.max) t.max = std::max(t.max.value_or(*x), *x);
  }
  t.median = median(std::move(medians));
  t.p10 = median_of(runs, &Times::p10);
  t.p90 = median_of(runs, &Times::p90);
  if (runs.size() == 1) t = runs.front()->time_us;
  merged.record.time_us = t;
  return merged;
}

}  // namespace

bool beside_all_to_all(const Record& r) {
  return r.company.kind == "beside" && r.company.communication.value_or(1.0) >= kAll &&
         r.company.compute.value_or(0.0) < kAlone;
}

std::string merge_key(const Record& r) {
  Record key;
  key.family = r.family;
  key.shape = r.shape;
  key.dtype = r.dtype;
  key.layout = r.layout;
  key.includes = r.includes;
  std::sort(key.includes.begin(), key.includes.end());
  key.device.name = r.device.name;
  key.impl.library = r.impl.library;
  if (r.impl.version) key.impl.version = r.impl.version->substr(0, r.impl.version->find('.'));
  key.impl.sms = r.impl.sms;
  key.method.mode = r.method.mode;
  key.method.l2 = r.method.l2;
  key.method.data = r.method.data;
  key.company.kind = r.company.kind;
  if (r.company.kind == "beside") {
    key.company.communication = r.company.communication.value_or(1.0) >= kAll ? 1.0 : 0.0;
    key.company.compute = r.company.compute.value_or(0.0) < kAlone ? 0.0 : 1.0;
  }
  const auto measured_by = shape_of_family(r.family);
  if (measured_by.empty() || measured_by.front() == "bytes") key.op = r.op;
  return to_line(key);
}

std::vector<Merged> merge(const std::vector<Record>& records) {
  std::map<std::string, std::size_t> place;
  std::vector<Runs> groups;
  for (const Record& r : records) {
    if (!r.quality.ok.value_or(true) || r.quality.outlier.value_or(false)) continue;
    const auto [at, added] = place.try_emplace(merge_key(r), groups.size());
    if (added) groups.emplace_back();
    groups[at->second].push_back(&r);
  }
  std::vector<Merged> out;
  for (const Runs& runs : groups) out.push_back(merge_runs(runs));
  return out;
}

}  // namespace tideline::records
