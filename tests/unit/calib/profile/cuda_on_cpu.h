// Runs a CUDA kernel on the CPU, thread by thread, so that what it computes can be tested without a GPU. A
// block's threads are fibres; a barrier or shuffle lets the others run until all have come that far. Include
// it before the kernels. It says nothing of speed, of races between blocks, or of memory ordering.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp8.h>
#include <ucontext.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#undef __global__
#undef __shared__
#undef __launch_bounds__
#define __global__
#define __shared__ static  // blocks run one after another
#define __launch_bounds__(...)

struct CudaIndex {
  unsigned x = 0;
};
inline CudaIndex threadIdx, blockIdx, blockDim, gridDim;

namespace tideline::cuda_on_cpu {

class Block {
 public:
  Block(unsigned threads, const std::function<void()>& kernel) : kernel_(kernel), fibres_(threads) {
    constexpr std::size_t kStack = 64 << 10;
    for (Fibre& fibre : fibres_) {
      fibre.stack = std::make_unique_for_overwrite<char[]>(kStack);
      getcontext(&fibre.context);
      fibre.context.uc_stack.ss_sp = fibre.stack.get();
      fibre.context.uc_stack.ss_size = kStack;
      fibre.context.uc_link = &scheduler_;
      makecontext(&fibre.context, &Block::enter, 0);
    }
  }

  void run() {
    current_ = this;
    for (bool alive = true; alive;) {
      alive = false;
      for (unsigned i = 0; i < fibres_.size(); ++i) {
        if (fibres_[i].done) continue;
        alive = true;
        running_ = i;
        threadIdx.x = i;
        swapcontext(&scheduler_, &fibres_[i].context);
      }
    }
  }

  // Comes back when all threads of the block, or of this thread's warp, have come to their n-th such call.
  void wait(bool whole_block) {
    Fibre& me = fibres_[running_];
    const unsigned at = ++me.syncs;
    for (;;) {
      bool all = true;
      const unsigned first = whole_block ? 0 : running_ / 32 * 32;
      const unsigned last = whole_block ? static_cast<unsigned>(fibres_.size()) : first + 32;
      for (unsigned i = first; i < last; ++i) {
        if (fibres_[i].syncs >= at) continue;
        if (fibres_[i].done) throw std::logic_error("a thread left before the others' barrier");
        all = false;
      }
      if (all) return;
      swapcontext(&me.context, &scheduler_);
    }
  }

  // What every lane of this warp holds. The second wait keeps a slot until all have read it.
  template <class T>
  T from_lane(T mine, unsigned lane) {
    static_assert(sizeof(T) <= sizeof(long));
    std::memcpy(&fibres_[running_].slot, &mine, sizeof mine);
    wait(false);
    T theirs;
    std::memcpy(&theirs, &fibres_[running_ / 32 * 32 + lane].slot, sizeof theirs);
    wait(false);
    return theirs;
  }

  [[nodiscard]] unsigned lane() const { return running_ % 32; }
  static Block& current() { return *current_; }

 private:
  struct Fibre {
    ucontext_t context{};
    std::unique_ptr<char[]> stack;
    unsigned syncs = 0;
    long slot = 0;
    bool done = false;
  };
  static void enter() {
    current_->kernel_();
    current_->fibres_[current_->running_].done = true;
  }

  inline static Block* current_ = nullptr;
  const std::function<void()>& kernel_;
  std::vector<Fibre> fibres_;
  ucontext_t scheduler_{};
  unsigned running_ = 0;
};

// kernel<<<blocks, threads>>>(...), with the call in a lambda.
inline void launch(unsigned blocks, unsigned threads, const std::function<void()>& kernel) {
  gridDim.x = blocks;
  blockDim.x = threads;
  for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x) Block(threads, kernel).run();
}

}  // namespace tideline::cuda_on_cpu

inline void __syncthreads() {
  tideline::cuda_on_cpu::Block::current().wait(true);
}
template <class T>
T __shfl_sync(unsigned, T mine, int lane) {
  return tideline::cuda_on_cpu::Block::current().from_lane(mine, static_cast<unsigned>(lane));
}
template <class T>
T __shfl_xor_sync(unsigned, T mine, int mask) {
  auto& block = tideline::cuda_on_cpu::Block::current();
  return block.from_lane(mine, block.lane() ^ static_cast<unsigned>(mask));
}
inline unsigned __ballot_sync(unsigned, bool mine) {
  unsigned all = 0;
  for (int lane = 0; lane < 32; ++lane) all |= (__shfl_sync(0u, mine ? 1u : 0u, lane)) << lane;
  return all;
}
inline int __ffs(int x) {
  return __builtin_ffs(x);
}
inline float rsqrtf(float x) {
  return 1.f / std::sqrt(x);
}
inline float __expf(float x) {
  return std::exp(x);
}

namespace tideline::profile::kernels {

// Instead of kernels/start.cuh.
template <class... Parameters, class... Arguments>
void start(void (*kernel)(Parameters...), unsigned blocks, unsigned threads, CUstream_st*,
           Arguments... arguments) {
  tideline::cuda_on_cpu::launch(blocks, threads, [&] { kernel(arguments...); });
}

}  // namespace tideline::profile::kernels
