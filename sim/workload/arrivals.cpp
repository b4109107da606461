#include "sim/workload/arrivals.h"

#include <algorithm>

#include "sim/base/check.h"

namespace tideline::workload {

ArrivalStream::ArrivalStream(const Workload& workload, std::uint64_t seed, std::uint32_t run, Instant start)
    : workload_(workload),
      clock_(workload.rate, workload.first_hour, RandomStream(seed, run, Purpose::kArrival), start),
      requests_(seed, run, Purpose::kRequest) {
  CHECK(!workload.class_cumulative.empty(),
        "these requests are not drawn: make_arrivals() knows their source");
}

std::size_t ArrivalStream::read(std::span<Arrival> arrivals) {
  for (auto rest = arrivals; !rest.empty(); rest = rest.subspan(std::min(kBatch, rest.size())))
    draw(rest.first(std::min(kBatch, rest.size())));
  return arrivals.size();
}

Arrival ArrivalStream::next() {
  Arrival arrival;
  draw({&arrival, 1});
  return arrival;
}

void ArrivalStream::draw(std::span<Arrival> batch) {
  const std::span<PhiloxBlock> first(first_.data(), batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) first[i] = RandomStream::counter(id_ + i);
  requests_.blocks(first);

  further_.clear();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Arrival& a = batch[i] = {.at = clock_.next(), .id = id_++};
    if (workload_.classes.size() > 1) {
      const double u = uniform(first[i][3]);
      while (workload_.class_cumulative[a.request_class] < u) ++a.request_class;
    }
    turns_before_[i] = workload_.classes[a.request_class].turns_before(first[i]);
    for (std::size_t n = 1; n <= RequestClass::further_blocks(turns_before_[i]); ++n)
      further_.push_back(RandomStream::counter(a.id, n));
  }
  requests_.blocks(further_);

  std::span<const PhiloxBlock> further(further_);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].lengths = workload_.classes[batch[i].request_class].draw(first[i], turns_before_[i], further);
    further = further.subspan(RequestClass::further_blocks(turns_before_[i]));
  }
}

}  // namespace tideline::workload
