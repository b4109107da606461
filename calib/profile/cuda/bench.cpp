#include "calib/profile/cuda/bench.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "calib/records/write.h"

#if TIDELINE_HAVE_CUDNN
#include "calib/profile/cuda/cudnn.h"
#else
namespace tideline::profile {
class Cudnn {};
}  // namespace tideline::profile
#endif

namespace tideline::profile {
namespace {

constexpr int kWarmUp = 3;
constexpr ColdPlan kQuick{8, 8, 0};

}  // namespace

Bench::Bench(Device& device, Journal& journal, RunFacts run, std::set<std::string> done)
    : device_(device), timer_(device_), journal_(journal), run_(std::move(run)), done_(std::move(done)) {
  run_.device = device_.facts();
}

Bench::~Bench() = default;

void Bench::load_cublaslt() {
  cublaslt_.emplace();
  cublaslt_->create_handle();
  run_.cublaslt = static_cast<std::int64_t>(cublaslt_->version());
}

void Bench::load_cudnn() {
#if TIDELINE_HAVE_CUDNN
  cudnn_ = std::make_unique<Cudnn>();
  run_.cudnn = static_cast<std::int64_t>(cudnn_->version());
#else
  throw Unavailable("this program was built without cuDNN");
#endif
}

bool Bench::wants(const Point& point, const std::string& mode) const {
  return sentinel_ || !done_.contains(key_of(run_, point, mode));
}

bool Bench::is_done(const Point& point) const {
  if (point.seconds_fixed > 0) return !wants(point, "host");
  return !wants(point, "cold") && !wants(point, "graph");
}

double Bench::quick_us(const Enqueue& enqueue) const {
  for (int i = 0; i < kWarmUp; ++i) enqueue(device_.stream(), i);
  require_queued();
  device_.synchronise();
  return timer_.cold(enqueue, kQuick).median;
}

int Bench::fastest(int count, const std::function<Enqueue(int way)>& make) const {
  int best = -1;
  double best_us = 0;
  std::string reason = "there is no way to queue it";
  for (int way = 0; way < count; ++way) try {
      const double us = quick_us(make(way));
      if (best < 0 || us < best_us) best = way, best_us = us;
    } catch (const DeviceError& e) {
      if (e.lost) throw;
      reason = e.what();
    }
  if (best < 0) throw DeviceError(reason);
  return best;
}

records::Quality Bench::check(const Subject& subject) const {
  records::Quality quality;
  quality.ok = true;
  if (!subject.error) return quality;
  const double error = subject.error();
  quality.ok = error <= subject.tolerance;
  if (std::isfinite(error)) quality.relative_error = error;
  char text[96];
  std::snprintf(text, sizeof text, "output is %.3g off the reference, %.3g is allowed", error,
                subject.tolerance);
  if (!*quality.ok) quality.reason = text;
  return quality;
}

records::Record Bench::start(const Point& point, const Subject& subject, const std::string& mode) const {
  records::Record r = start_record(run_, point, mode);
  r.dtype = subject.dtype;
  if (!subject.layout.empty()) r.layout = subject.layout;
  r.includes = subject.includes;
  const records::Whole sms = r.impl.sms;
  r.impl = subject.implementation;
  r.impl.sms = sms;
  if (mode != "host") r.method.flush_bytes = timer_.flush_bytes();
  r.method.warmup = kWarmUp;
  r.state.order = order_;
  if (sentinel_) r.state.sentinel = true;
  return r;
}

// What NVML knows before and after; the lower clock, the higher power, all reasons to throttle.
void Bench::finish(records::Record record, const NvmlSample& before) {
  const NvmlSample after = device_.nvml().sample();
  records::State& s = record.state;
  if (const unsigned mhz = std::min(before.sm_mhz, after.sm_mhz); mhz > 0) s.sm_mhz_min = mhz;
  if (after.temp_c > 0) s.temperature_c = after.temp_c;
  if (const double power = std::max(before.power_w, after.power_w); power > 0) s.power_w = power;
  if (after.sm_mhz > 0)
    s.throttle_bits = static_cast<std::int64_t>(before.throttle_bits | after.throttle_bits);
  if (!record.quality.ok.value_or(true)) ++failed_checks_;
  journal_.add(records::to_line(record));
  ++order_;
}

void Bench::measure(const Point& point, const Subject& subject) {
  const records::Quality quality = check(subject);
  Enqueue once = subject.enqueue;
  std::vector<Timer::Graph> graphs;
  if (subject.cold_as_graph) {
    subject.enqueue(device_.stream(), 0);  // capture must not be what loads the kernels
    device_.synchronise();
    for (int set = 0; set < subject.operand_sets; ++set) {
      graphs.push_back(timer_.capture([&](cudaStream_t s, int) { subject.enqueue(s, set); }, 1));
      require(cudaGraphLaunch(graphs.back().get(), device_.stream()));  // its first launch is no sample
    }
    once = [&graphs](cudaStream_t s, int launch) {
      require(cudaGraphLaunch(graphs[static_cast<std::size_t>(launch) % graphs.size()].get(), s));
    };
  }
  const double guess_us = quick_us(once);

  if (wants(point, "cold")) {
    records::Record record = start(point, subject, "cold");
    record.quality = quality;
    const NvmlSample before = device_.nvml().sample();
    record.time_us = to_times(timer_.cold(once, cold_plan(guess_us)));
    finish(std::move(record), before);
  }
  if (wants(point, "graph")) {
    records::Record record = start(point, subject, "graph");
    record.quality = quality;
    const SlopePlan plan = slope_plan(guess_us);
    record.method.launches_short = plan.launches_short;
    record.method.launches_long = plan.launches_long;
    const NvmlSample before = device_.nvml().sample();
    const Slope slope = timer_.graph(subject.enqueue, plan);
    record.time_us = to_times(slope.time_us);
    if (slope.sm_mhz > 0) record.state.sm_mhz_median = slope.sm_mhz;
    finish(std::move(record), before);
  }
}

void Bench::add_host(const Point& point, const Subject& subject, const Statistics& time_us) {
  records::Record record = start(point, subject, "host");
  record.quality.ok = true;
  record.time_us = to_times(time_us);
  finish(std::move(record), device_.nvml().sample());
}

}  // namespace tideline::profile
