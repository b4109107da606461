// Can any fleet break the books? Every run checks its own invariants (tokens, requests and time are
// conserved, ranks hold what their requests hold and never more than they have, nor does prefill); here it
// also has to give the same bytes again and on two threads, and to answer each request once, first token
// after arrival, last after first.
#include <set>

#include "tests/doctest.h"
#include "tests/swarm/random_fleet.h"

namespace tideline::swarm {
namespace {

constexpr std::uint64_t kFleets = 100;

fleet::RunTotals run(testing::SmallFleet& f, int threads) {
  f.settings.threads = threads;
  f.recorder.requests.clear(), f.recorder.set_backs.clear();
  return f.run();
}

std::uint64_t told(const testing::SmallFleet& f, fleet::SetBack::Kind kind) {
  return static_cast<std::uint64_t>(std::ranges::count(f.recorder.set_backs, kind, &fleet::SetBack::kind));
}

TEST_CASE("whatever the fleet: each request is answered once or counted as unfinished, and the same again") {
  for_numbers(kFleets, [](std::uint64_t n) {
    INFO("TIDELINE_SWARM=", n, " repeats this fleet");
    testing::SmallFleet f = random_fleet(n);
    const fleet::RunTotals on_two = run(f, 2), totals = run(f, 1);
    CHECK(totals.digest == on_two.digest);
    CHECK(totals.finished == on_two.finished);

    CHECK(totals.kv_fill_max <= 1.0);
    CHECK(totals.prefill_fill_max <= 1.0);
    CHECK(totals.prefill_fill_max == on_two.prefill_fill_max);
    CHECK(totals.decode_units.size() == on_two.decode_units.size());
    if (f.fleet.decode.admission.kind == policy::Admission::kReserve) CHECK(totals.preempted == 0);
    CHECK(totals.finished == f.recorder.requests.size());
    CHECK(totals.finished <= totals.arrived);
    std::set<std::uint64_t> ids;
    std::uint64_t of_window = 0;
    bool in_order = true;
    for (const fleet::Finished& r : f.recorder.requests) {
      ids.insert(r.id);
      of_window += f.settings.in_window(r.arrival);
      in_order = in_order && r.arrival < r.first_token &&
                 (r.output == 1 ? r.first_token <= r.last_token : r.first_token < r.last_token);
    }
    CHECK(in_order);
    CHECK(ids.size() == f.recorder.requests.size());
    CHECK(of_window + totals.window_unfinished == totals.window_requests);
    CHECK(told(f, fleet::SetBack::Kind::kPreempted) == totals.preempted);
    CHECK(told(f, fleet::SetBack::Kind::kRetried) == totals.retried);
    CHECK(told(f, fleet::SetBack::Kind::kRejected) >= totals.rejected);  // before and after the window too
  });
}

}  // namespace
}  // namespace tideline::swarm
