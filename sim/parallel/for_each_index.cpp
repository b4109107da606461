#include "sim/parallel/for_each_index.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <utility>

namespace tideline::parallel {
namespace {

// Whether this thread is at work for a call.
thread_local bool at_work = false;

struct AtWork {
  bool before = std::exchange(at_work, true);
  ~AtWork() { at_work = before; }
};

}  // namespace

void for_each_index(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  const auto share_out = [&] {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, count, 1),
        [&](const tbb::blocked_range<std::size_t>& some) {
          const AtWork mark;
          for (std::size_t i = some.begin(); i != some.end(); ++i) work(i);
        },
        tbb::simple_partitioner());
  };
  if (at_work) return share_out();
  // More threads than cores are had only where they are allowed.
  const tbb::global_control allow(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  tbb::task_arena(threads).execute(share_out);
}

}  // namespace tideline::parallel
