#include "sim/workload/arrivals.h"

#include <cmath>
#include <numeric>
#include <string>

namespace tideline::workload {
namespace {

constexpr double kSecondsPerHour = 3600.0;
// An hour without load: the stream jumps over it.
constexpr double kNoGap = 1e18;

void read_classes(const config::Node& node, Workload& workload) {
  double sum = 0.0;
  for (const config::Node& entry : node.list("classes")) {
    workload.classes.push_back(RequestClass::read(entry));
    workload.class_cumulative.push_back(sum += workload.classes.back().share());
  }
  if (workload.classes.empty()) node.problem("classes", "a workload needs at least one class of requests");
  else if (std::abs(sum - 1.0) > 1e-6)
    node.problem("classes", "the shares of the classes add up to " + std::to_string(sum) + ", not to 1");
  else workload.class_cumulative.back() = 1.0;
}

// The load is given as requests or as the tokens that they are answered with.
double read_requests_per_day(const config::Node& node, const Workload& workload) {
  if (!node.has("output_tokens_per_day")) return static_cast<double>(node.count("requests_per_day"));
  const Tokens per_day = node.quantity<Tokens>("output_tokens_per_day");
  if (node.has("requests_per_day"))
    node.problem("requests_per_day", "the load is given twice: as requests and as \"output_tokens_per_day\"",
                 "leave one of them out");
  double per_request = 0.0;
  for (const RequestClass& c : workload.classes) per_request += c.share() * c.output_mean();
  return per_request > 0.0 ? per_day.value() / per_request : 0.0;
}

}  // namespace

Workload read_workload(const config::Node& node, int first_hour) {
  Workload workload;
  workload.first_hour = first_hour;
  read_classes(node, workload);
  const double per_day = read_requests_per_day(node, workload);
  const std::vector<double> profile = node.numbers("hourly_profile");
  if (profile.size() != 24) {
    node.problem("hourly_profile",
                 "wants 24 numbers, the load of the local hours 00 to 23 relative to each other");
    return workload;
  }
  double sum = 0.0;
  for (const double p : profile) {
    if (p < 0.0) node.problem("hourly_profile", "a load cannot be negative");
    sum += p;
  }
  if (sum <= 0.0) node.problem("hourly_profile", "the day has no load at all");
  else for (int h = 0; h < 24; ++h) workload.hourly_rate[h] = per_day * profile[h] / sum / kSecondsPerHour;
  return workload;
}

ArrivalStream::ArrivalStream(const Workload& workload, std::uint64_t seed, std::uint32_t run, Instant start)
    : workload_(workload), gaps_(seed, run, Purpose::kArrival), requests_(seed, run, Purpose::kRequest) {
  const std::int64_t hour =
      start.ns >= 0 ? start.ns / kNsPerHour : -((-start.ns + kNsPerHour - 1) / kNsPerHour);
  enter_hour(hour);
  clock_s_ = to_seconds(Instant{start.ns - hour * kNsPerHour}).value();
}

void ArrivalStream::enter_hour(std::int64_t hour) {
  hour_ = hour;
  const auto local = static_cast<int>((((workload_.first_hour + hour) % 24) + 24) % 24);
  const double rate = workload_.hourly_rate[local];
  mean_gap_s_ = rate > 0.0 ? 1.0 / rate : kNoGap;
}

// A gap in units of the mean gap.
double ArrivalStream::next_gap() {
  if (id_ % 4 == 0) gap_words_ = gaps_.block(id_ / 4);
  return -std::log(uniform(gap_words_[id_ % 4]));
}

std::size_t ArrivalStream::read(std::span<Arrival> arrivals) {
  for (Arrival& a : arrivals) a = next();
  return arrivals.size();
}

Arrival ArrivalStream::next() {
  double gap = next_gap();
  // Past the end of an hour what is left of the gap is spent at the next hour's rate (time rescaling).
  while (clock_s_ + gap * mean_gap_s_ >= kSecondsPerHour) {
    gap -= (kSecondsPerHour - clock_s_) / mean_gap_s_;
    clock_s_ = 0.0;
    enter_hour(hour_ + 1);
  }
  clock_s_ += gap * mean_gap_s_;

  Arrival arrival;
  arrival.at = Instant{hour_ * kNsPerHour} + to_duration(Seconds(clock_s_));
  arrival.id = id_++;
  const PhiloxBlock block = requests_.block(arrival.id);
  if (workload_.classes.size() > 1) {
    const double u = uniform(block[3]);
    while (workload_.class_cumulative[arrival.request_class] < u) ++arrival.request_class;
  }
  arrival.lengths = workload_.classes[arrival.request_class].draw(requests_, arrival.id, block);
  return arrival;
}

}  // namespace tideline::workload
