// The loads of many servers and the least of them, for a balancer that is asked once a request: the least of
// each block is kept, so that asking looks at one number a block and at one block.
//
// 1. least() is the index of the smallest load, the first of equals: the same as a search through all.
// 2. Raising one load costs a block; changing all of them costs nothing until least() is asked next.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <vector>

namespace tideline::policy {

class LoadBoard {
 public:
  // The load of a server that takes nothing.
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  explicit LoadBoard(std::size_t servers = 0) { reset(servers); }

  // That many servers without load.
  void reset(std::size_t servers) {
    servers_ = servers;
    const std::size_t blocks = (servers + kBlock - 1) / kBlock;
    loads_.assign(servers, 0.0);
    loads_.resize(blocks * kBlock, kNever);
    least_.assign(blocks, 0.0);
    stale_ = true;
  }
  [[nodiscard]] std::size_t size() const { return servers_; }
  [[nodiscard]] double operator[](std::size_t server) const { return loads_[server]; }

  void set(std::size_t server, double load) {
    loads_[server] = load;
    if (!stale_) refresh(server / kBlock);
  }
  void add(std::size_t server, double load) { set(server, loads_[server] + load); }
  // REQUIRES: one number a server.
  void add_each(const std::vector<double>& loads) {
    for (std::size_t i = 0; i < loads.size(); ++i) loads_[i] += loads[i];
    stale_ = true;
  }
  // The loads of several servers are about to change: wait with the blocks until least() is asked.
  void expect_changes() { stale_ = true; }

  // REQUIRES: at least one server, no NaN.
  [[nodiscard]] std::size_t least() {
    if (stale_) {
      for (std::size_t block = 0; block < least_.size(); ++block) refresh(block);
      stale_ = false;
    }
    std::size_t block = 0;
    for (std::size_t b = 1; b < least_.size(); ++b) block = least_[b] < least_[block] ? b : block;
    // From the last to the first, without a branch: where the least stands is what no processor predicts.
    const double* loads = &loads_[block * kBlock];
    std::size_t first = 0;
    for (std::size_t i = kBlock; i-- > 0;) first = loads[i] == least_[block] ? i : first;
    return block * kBlock + first;
  }

 private:
  static constexpr std::size_t kBlock = 16;

  void refresh(std::size_t block) {
    const double* loads = &loads_[block * kBlock];
    std::array<double, 4> smallest{loads[0], loads[1], loads[2], loads[3]};
    for (std::size_t i = 4; i < kBlock; i += 4)
      for (std::size_t lane = 0; lane < 4; ++lane) smallest[lane] = std::min(smallest[lane], loads[i + lane]);
    least_[block] = std::min(std::min(smallest[0], smallest[1]), std::min(smallest[2], smallest[3]));
  }

  std::size_t servers_ = 0;
  std::vector<double> loads_;  // filled up to whole blocks with what is never least
  std::vector<double> least_;  // by block
  bool stale_ = true;
};

}  // namespace tideline::policy
