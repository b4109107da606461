#include "calib/import/import_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "calib/import/times.h"
#include "calib/import/utf8.h"
#include "calib/records/read.h"
#include "sim/base/error.h"

namespace tideline::calib {
namespace {

struct Sample {
  std::vector<std::size_t> kernels;
  double communication = 0.0, compute = 0.0;  // sums of shares
};

double time_us(const Kernel& kernel) {
  return static_cast<double>(kernel.duration_ns) * 1e-3;
}

records::Device device_of(const Trace& trace, const Gpu& gpu, const Rules& rules) {
  records::Device device = rules.device;
  if (!gpu.name.empty()) device.name = gpu.name;
  if (gpu.sms > 0) device.sms = gpu.sms;
  if (gpu.memory_bytes > 0) device.memory_bytes = gpu.memory_bytes;
  if (device.name.empty() || device.sms < 1)
    throw InputError(
        {.file = trace.file,
         .message = "the trace does not say what GPU it is of, and how many SMs that has",
         .suggestion = fmt::format("add \"device\": {{\"name\": ..., \"sms\": ...}} to {}", rules.file)});
  return device;
}

records::Record record_of(const Trace& trace, const Rules& rules, const Group& group, const Gpu& gpu,
                          std::string_view company, const Sample& sample) {
  const Meaning& meaning = rules.kernels[static_cast<std::size_t>(group.rule)].meaning;
  const auto n = static_cast<double>(sample.kernels.size());
  std::vector<double> times_us;
  for (const std::size_t i : sample.kernels) times_us.push_back(time_us(trace.kernels[i]));
  records::Record r;
  r.family = meaning.family;
  r.op = meaning.op;
  for (std::size_t i = 0; i < group.shape.size(); ++i) r.shape[meaning.shape[i].first] = group.shape[i];
  r.dtype = meaning.dtype;
  r.layout = meaning.layout;
  r.includes = meaning.includes;
  r.device = device_of(trace, gpu, rules);
  r.impl.library = meaning.library;
  r.impl.version = meaning.version;
  r.impl.kernel = as_utf8(trace.names[trace.kernels[sample.kernels.front()].name], 200);
  r.impl.sms = group.sms;
  r.method = rules.method;
  r.time_us = times_of(std::move(times_us));
  r.work = group.work;
  r.company = {std::string(company), sample.communication / n, sample.compute / n};
  r.source = rules.source;
  r.source.resolution_us = trace.resolution_us;
  return r;
}

void require_readable(const records::Record& record, const Rules& rules) {
  if (const std::string why = records::refusal(record); !why.empty())
    throw InputError(
        {.file = rules.file,
         .message = fmt::format("the record of \"{}\" could not be read back: {}", record.op, why)});
}

void leave_unmapped(const Trace& trace, const Sample& sample, const std::string& why, Applied& applied) {
  for (const std::size_t i : sample.kernels)
    applied.group_of[i] = -1, applied.whys[trace.kernels[i].name] = why;
}

void count_unmapped(const Trace& trace, const Applied& applied, Summary& out) {
  std::map<std::uint32_t, Unmapped> by_name;
  for (std::size_t i = 0; i < trace.kernels.size(); ++i) {
    if (applied.group_of[i] >= 0) continue;
    const Kernel& k = trace.kernels[i];
    Unmapped& u = by_name[k.name];
    u.kernel = trace.names[k.name], u.why = applied.whys[k.name];
    ++u.count, u.time_us += time_us(k);
  }
  for (auto& [name, u] : by_name) out.unmapped.push_back(std::move(u));
  std::ranges::stable_sort(out.unmapped, std::greater<>(), &Unmapped::time_us);
}

}  // namespace

std::string_view company_of(const Shares& shares) {
  return shares.either < kAloneBelow ? "alone" : shares.either < kBesideFrom ? "partly" : "beside";
}

Summary import_trace(const Trace& trace, const Rules& rules, const TakeRecord& take) {
  Applied applied = apply_rules(trace, rules);
  Summary out;
  out.notes = trace.notes;
  // (group, company, whether an all-to-all was there all the time, whether other kernels were not, GPU)
  std::map<std::tuple<std::int32_t, std::string_view, bool, bool, Gpu>, Sample> samples;
  for (std::size_t i = 0; i < trace.kernels.size(); ++i) {
    ++out.kernels, out.time_us += time_us(trace.kernels[i]);
    if (applied.group_of[i] < 0) continue;
    const Shares& shares = applied.shares[i];
    const std::string_view company = company_of(shares);
    const bool beside = company == "beside";
    Sample& sample = samples[{applied.group_of[i], company, beside && shares.communication >= kBesideFrom,
                              beside && shares.compute < kAloneBelow, trace.gpu_of(trace.kernels[i])}];
    sample.kernels.push_back(i);
    sample.communication += shares.communication;
    sample.compute += shares.compute;
  }
  for (const auto& [key, sample] : samples) {
    const auto& [number, company, all_to_all, nothing_else, gpu] = key;
    const Group& group = applied.groups[static_cast<std::size_t>(number)];
    const records::Record record = record_of(trace, rules, group, gpu, company, sample);
    if (record.time_us.median <= 0.0) {
      leave_unmapped(trace, sample, "it took no time by the clock of the trace", applied);
      continue;
    }
    require_readable(record, rules);
    for (const std::size_t i : sample.kernels) out.mapped_us += time_us(trace.kernels[i]);
    (company == "alone" ? out.alone : company == "beside" ? out.beside : out.partly) += sample.kernels.size();
    ++out.made;
    take(record);
  }
  count_unmapped(trace, applied, out);
  return out;
}

Imported import_trace(const Trace& trace, const Rules& rules) {
  Imported out;
  static_cast<Summary&>(out) =
      import_trace(trace, rules, [&](const records::Record& r) { out.records.push_back(r); });
  return out;
}

}  // namespace tideline::calib
