// ServeGen's workloads: for every client and window of time a rate and the shape of its gaps, and the
// client's lengths. A folder of chunk-N-trace.csv (window start s, requests/s, CV, Gamma or Weibull, shape,
// scale) and chunk-N-dataset.json (probabilities of input and output tokens, by 6 h). Source:
// alibaba/ServeGen, data/, arXiv:2505.09999.
//
// Requests are drawn: in a window, as many as its rate says, at the gaps of a renewal process scaled to fill
// the window; then lengths, input and output independently of one another. (ServeGen's own sampler takes one
// random number for all fields, which makes the longest prompt of a client have its longest answer.)
// Memory: the tables, and the requests of one window.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/workload/traces/reader.h"

namespace tideline::workload::traces {

class ServeGenTrace : public Reader {
 public:
  // Fails: throws InputError on a folder without clients, on windows that are not those of the first client.
  ServeGenTrace(std::string folder, std::uint64_t seed, std::uint32_t run);
  [[nodiscard]] Traits traits() const override { return {.is_generated = true}; }
  [[nodiscard]] std::uint64_t requests() const;  // of all clients and windows
  [[nodiscard]] std::int64_t first_ns() const;   // begin of the first window
  [[nodiscard]] std::int64_t period_ns() const;  // from the first window to the end of the last

 protected:
  [[nodiscard]] Stand stand() const override { return {folder_, 0}; }
  bool read(Row& row) override;
  void restart(std::uint32_t copy) override;

 private:
  enum class Family { kGamma, kWeibull };
  struct Window {
    std::uint32_t requests = 0;
    Family family = Family::kGamma;
    double shape = 1.0;
  };
  // Probabilities summed up: value i has those up to cumulative[i].
  struct Lengths {
    std::vector<std::int32_t> tokens;
    std::vector<double> cumulative;
    [[nodiscard]] std::int32_t at(double u) const;
  };
  struct Client {
    std::string name;
    std::vector<Window> windows;
    std::vector<Lengths> input, output;  // by 6 h
  };
  struct Drawn {
    std::int64_t at_ns;
    std::uint32_t client, n;
    auto operator<=>(const Drawn&) const = default;
  };

  void read_windows(const std::string& file, Client& client);
  void read_lengths(const std::string& file, Client& client);
  static Lengths parse_lengths(const std::string& file, const std::string& key, std::string_view text);
  void draw_window();
  void draw_gaps(std::uint32_t client, const Window& window);
  [[nodiscard]] std::uint64_t entity(std::uint32_t client) const;

  std::string folder_;
  RandomStream words_;
  std::vector<Client> clients_;
  std::vector<std::int64_t> starts_s_;  // of the windows
  std::uint32_t copy_ = 0;
  std::size_t window_ = 0;  // the next to be drawn
  std::vector<double> gaps_;
  std::vector<Drawn> drawn_;
  std::size_t given_ = 0;
};

}  // namespace tideline::workload::traces
