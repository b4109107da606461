// The loads of many servers and the least of them, for a balancer that is asked once a request: the least of
// each block is kept, so that asking looks at one number a block and at one block.
//
// 1. least() is the index of the smallest load, the first of equals: the same as a search through all.
// 2. Raising one load costs a block; changing all of them costs nothing until least() is asked next.
#pragma once

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
    least_.assign(blocks, {});
    stale_ = true;
  }
  [[nodiscard]] std::size_t size() const { return servers_; }
  [[nodiscard]] double operator[](std::size_t server) const { return loads_[server]; }

  void set(std::size_t server, double load) {
    loads_[server] = load;
    if (stale_) return;
    Least& least = least_[server / kBlock];
    if (load < least.load)
      least = {load, server};
    else if (server <= least.server)  // it may have been the least, or stand before one that is as small
      least = refreshed(server / kBlock);
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
      for (std::size_t block = 0; block < least_.size(); ++block) least_[block] = refreshed(block);
      stale_ = false;
    }
    // Two halves side by side, as in refreshed(); of an odd number both have the one in the middle.
    const std::size_t middle = (least_.size() + 1) / 2;
    Least low = least_[0], high = least_[least_.size() - middle];
    for (std::size_t block = 1; block < middle; ++block) {
      low = lesser(low, least_[block]);
      high = lesser(high, least_[least_.size() - middle + block]);
    }
    return lesser(low, high).server;
  }

 private:
  static constexpr std::size_t kBlock = 8;
  struct Least {
    double load = 0.0;
    std::size_t server = 0;
  };

  // Two halves side by side, without a branch: where the least stands is what no processor predicts.
  [[nodiscard]] Least refreshed(std::size_t block) const {
    const double* loads = &loads_[block * kBlock];
    Least low{loads[0], 0}, high{loads[kBlock / 2], kBlock / 2};
    for (std::size_t i = 1; i < kBlock / 2; ++i) {
      low = lesser(low, {loads[i], i});
      high = lesser(high, {loads[kBlock / 2 + i], kBlock / 2 + i});
    }
    const Least least = lesser(low, high);
    return {least.load, block * kBlock + least.server};
  }
  // The first of equals.
  [[nodiscard]] static Least lesser(Least one, Least later) { return later.load < one.load ? later : one; }

  std::size_t servers_ = 0;
  std::vector<double> loads_;  // filled up to whole blocks with what is never least
  std::vector<Least> least_;   // by block
  bool stale_ = true;
};

}  // namespace tideline::policy
