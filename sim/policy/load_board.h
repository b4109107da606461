// The loads of many servers and the least of them, for a balancer that is asked once a request. A load is
// marked: its lowest bits are replaced by the number of its server, so that the least mark says who has it,
// and finding it is a row of minima without a branch. The least of each block is kept.
//
// 1. least() is the index of the smallest load, the first of equals: the same as a search through all. Loads
//    are equal when they agree in all but as many of their 52 bits as number the servers: 44 bits of each for
//    256 servers.
// 2. Changing one load costs a block at most; changing all of them costs nothing until least() is asked next.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
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
    number_bits_ = std::bit_ceil(servers) - 1;
    const std::size_t blocks = (servers + kBlock - 1) / kBlock;
    loads_.assign(servers, 0.0);
    loads_.resize(blocks * kBlock, kNever);
    marks_.resize(loads_.size());
    least_.resize(blocks);
    stale_ = true;
  }
  [[nodiscard]] std::size_t size() const { return servers_; }
  [[nodiscard]] double operator[](std::size_t server) const { return loads_[server]; }

  void set(std::size_t server, double load) {
    loads_[server] = load;
    if (stale_) return;
    const double mark = marked(load, server), was = std::exchange(marks_[server], mark);
    double& least = least_[server / kBlock];
    if (mark <= least)
      least = mark;
    else if (was == least)
      least = least_of(server / kBlock);
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
    if (stale_) mark_all();
    // Two halves side by side; of an odd number both have the one in the middle.
    const std::size_t middle = (least_.size() + 1) / 2, rest = least_.size() - middle;
    double low = least_[0], high = least_[rest];
    for (std::size_t block = 1; block < middle; ++block) {
      low = std::min(low, least_[block]);
      high = std::min(high, least_[rest + block]);
    }
    return server_of(std::min(low, high));
  }

 private:
  static constexpr std::size_t kBlock = 16;
  static constexpr double kMost = std::numeric_limits<double>::max();

  // Of two numbers below zero the one with the greater bits is less: there the mark counts down.
  [[nodiscard]] double marked(double load, std::size_t server) const {
    const auto bits = std::bit_cast<std::uint64_t>(std::min(load, kMost));
    return std::bit_cast<double>((bits & ~number_bits_) | ((server ^ sign(bits)) & number_bits_));
  }
  [[nodiscard]] std::size_t server_of(double mark) const {
    const auto bits = std::bit_cast<std::uint64_t>(mark);
    return (bits ^ sign(bits)) & number_bits_;
  }
  // All ones below zero.
  static std::uint64_t sign(std::uint64_t bits) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> 63);
  }

  void mark_all() {
    for (std::size_t i = 0; i < servers_; ++i) marks_[i] = marked(loads_[i], i);
    for (std::size_t i = servers_; i < marks_.size(); ++i) marks_[i] = kNever;
    for (std::size_t block = 0; block < least_.size(); ++block) least_[block] = least_of(block);
    stale_ = false;
  }
  [[nodiscard]] double least_of(std::size_t block) const {
    // Four of them side by side.
    const double* m = &marks_[block * kBlock];
    double a = m[0], b = m[1], c = m[2], d = m[3];
    for (std::size_t i = 4; i < kBlock; i += 4) {
      a = std::min(a, m[i]), b = std::min(b, m[i + 1]);
      c = std::min(c, m[i + 2]), d = std::min(d, m[i + 3]);
    }
    return std::min(std::min(a, b), std::min(c, d));
  }

  std::size_t servers_ = 0;
  std::uint64_t number_bits_ = 0;      // of a load, that number servers
  std::vector<double> loads_, marks_;  // filled up to whole blocks with what is never least
  std::vector<double> least_;          // by block: the least mark
  bool stale_ = true;
};

}  // namespace tideline::policy
