#include "sim/workload/arrivals.h"

#include <cmath>
#include <numeric>
#include <set>
#include <string>

namespace tideline::workload {
namespace {

constexpr double kSecondsPerDay = 86400.0;
constexpr double kSlotSeconds = kSecondsPerDay / kSlotsPerDay;
constexpr std::int64_t kSlotNs = 24 * kNsPerHour / kSlotsPerDay;
// A slot without load: the stream jumps over it.
constexpr double kNoGap = 1e18;
constexpr std::size_t kClassesMax = 255;

void read_classes(const config::Node& node, Workload& workload) {
  double sum = 0.0;
  for (const config::Node& entry : node.list("classes")) {
    workload.classes.push_back(RequestClass::read(entry));
    workload.class_cumulative.push_back(sum += workload.classes.back().share());
  }
  if (workload.classes.empty())
    node.problem("classes", "a workload needs at least one class of requests");
  else if (std::abs(sum - 1.0) > 1e-6)
    node.problem("classes", "the shares of the classes add up to " + std::to_string(sum) + ", not to 1");
  else
    workload.class_cumulative.back() = 1.0;
  std::set<std::string> names;
  for (const RequestClass& c : workload.classes)
    if (!names.insert(c.name()).second) node.problem("classes", "two classes are named \"" + c.name() + "\"");
  if (workload.classes.size() > kClassesMax) node.problem("classes", "at most 255 classes");
}

// The load is given as requests or as the tokens that they are answered with.
double read_requests_per_day(const config::Node& node, const Workload& workload) {
  if (!node.has("output_tokens_per_day")) return static_cast<double>(node.positive("requests_per_day"));
  const Tokens per_day = node.quantity<Tokens>("output_tokens_per_day");
  if (node.has("requests_per_day"))
    node.problem("requests_per_day", "the load is given twice: as requests and as \"output_tokens_per_day\"",
                 "leave one of them out");
  double per_request = 0.0;
  for (const RequestClass& c : workload.classes) per_request += c.share() * c.output_mean();
  if (per_day.value() >= per_request && per_request > 0.0) return per_day.value() / per_request;
  node.problem("output_tokens_per_day", "not one request in a day");
  return 1.0;
}

}  // namespace

Workload read_workload(const config::Node& node, int first_hour) {
  Workload workload;
  workload.first_hour = first_hour;
  read_classes(node, workload);
  const double per_second = read_requests_per_day(node, workload) / kSecondsPerDay;
  workload.rate = read_day_curve(node);
  for (double& rate : workload.rate) rate *= per_second;
  return workload;
}

ArrivalStream::ArrivalStream(const Workload& workload, std::uint64_t seed, std::uint32_t run, Instant start)
    : workload_(workload), gaps_(seed, run, Purpose::kArrival), requests_(seed, run, Purpose::kRequest) {
  const std::int64_t slot = start.ns >= 0 ? start.ns / kSlotNs : -((-start.ns + kSlotNs - 1) / kSlotNs);
  enter_slot(slot);
  clock_s_ = to_seconds(Instant{start.ns - slot * kSlotNs}).value();
}

void ArrivalStream::enter_slot(std::int64_t slot) {
  slot_ = slot;
  const std::int64_t first = workload_.first_hour * (kSlotsPerDay / 24);
  const std::int64_t local = ((first + slot) % kSlotsPerDay + kSlotsPerDay) % kSlotsPerDay;
  const double rate = workload_.rate[static_cast<std::size_t>(local)];
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
  // Past the end of a slot what is left of the gap is spent at the next slot's rate (time rescaling).
  while (clock_s_ + gap * mean_gap_s_ >= kSlotSeconds) {
    gap -= (kSlotSeconds - clock_s_) / mean_gap_s_;
    clock_s_ = 0.0;
    enter_slot(slot_ + 1);
  }
  clock_s_ += gap * mean_gap_s_;

  Arrival arrival;
  arrival.at = Instant{slot_ * kSlotNs} + to_duration(Seconds(clock_s_));
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
