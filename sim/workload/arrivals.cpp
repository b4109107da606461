#include "sim/workload/arrivals.h"

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
  for (Arrival& a : arrivals) a = next();
  return arrivals.size();
}

Arrival ArrivalStream::next() {
  Arrival arrival;
  arrival.at = clock_.next();
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
