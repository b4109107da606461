// The prefix cache: a block of a large cache looked up and held, half of the prompts new; and a request of
// the DeepSeek day by sessions, at the whole day's rate, its hits found.
#include <array>
#include <memory>
#include <vector>

#include "sim/base/check.h"
#include "sim/caching/prefix_cache.h"
#include "sim/workload/arrivals.h"
#include "tools/bench/measurement.h"

namespace tideline::bench {
namespace {

constexpr std::uint64_t kCapacity = 10'000'000, kPromptBlocks = 50, kPrompts = 20'000;
constexpr std::size_t kRequests = 500'000;

}  // namespace

Result prefix_block() {
  caching::PrefixCache cache(kCapacity);
  std::vector<caching::Extent> chain(kPromptBlocks);
  std::uint64_t prompts = 0, held = 0;
  const auto ask = [&] {
    // Every other prompt is one of the last 100,000.
    const std::uint64_t n = prompts++;
    const std::uint64_t which = n % 2 == 0 || n < 200'000 ? n : n - 1 - 2 * (n * 0x9e3779b9u % 100'000);
    for (std::uint64_t b = 0; b < kPromptBlocks; ++b) chain[b].id = which * kPromptBlocks + b;
    held += cache.held(chain, Instant{});
    cache.use(chain, Instant{});
  };
  while (cache.blocks() < kCapacity) ask();
  return time_of(static_cast<double>(kPrompts * kPromptBlocks), 5, [&] {
    held = 0;
    for (std::uint64_t i = 0; i < kPrompts; ++i) ask();
    CHECK(held >= kPrompts / 2 * kPromptBlocks, "{} blocks held: the cache is smaller than it seems", held);
  });
}

Result session_request() {
  const auto document = config::Document::load(TIDELINE_SOURCE_SCENARIOS "/deepseek-2025-02-27-sessions.json",
                                               {"workload.sessions.history=\"20 min\""});
  const workload::Workload w = workload::read_workload(document.root().object("workload"), 12);
  const auto arrivals = workload::make_arrivals(w, 1, 0, Instant{0});
  std::array<workload::Arrival, 1024> batch;
  return time_of(static_cast<double>(kRequests), 3, [&] {
    for (std::size_t n = 0; n < kRequests; n += batch.size()) arrivals->read(batch);
  });
}

}  // namespace tideline::bench
