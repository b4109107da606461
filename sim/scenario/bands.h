// How far the headlines of a run may be off: drawn from what it stands on, with what each source adds to it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/scenario/uncertainty.h"

namespace tideline::scenario {

struct Headlines {
  // At the nodes of the run.
  double output_speed = 0, ttft_p99_s = 0;
  // With as many nodes, hour by hour, as give the run's output speed and fill passes as much: in parts of a
  // node. Where no number of them does, nodes and cost are without end, the margin without bottom, the ratio
  // -1. Without revenue there is no margin, without cost no ratio: not a number.
  double nodes_mean = 0, cost_usd = 0, gross_margin = 0, cost_profit_ratio = 0;
  bool saturated = false;  // the nodes of the run are too few
  bool kept = true;        // some number of nodes keeps the speed
};

struct BandedFigure {
  std::string_view key, label, unit;
  int decimals;
  bool given_nodes;  // at the nodes of the run; otherwise with the nodes that keep its service
  double Headlines::*value;
};
inline constexpr std::array kBanded = {
    BandedFigure{"output_speed_tok_s_user", "output speed per user", "tok/s", 1, true,
                 &Headlines::output_speed},
    BandedFigure{"ttft_p99_s", "TTFT p99", "s", 2, true, &Headlines::ttft_p99_s},
    BandedFigure{"nodes_mean", "nodes, mean", "", 1, false, &Headlines::nodes_mean},
    BandedFigure{"cost_usd", "cost", "USD", 0, false, &Headlines::cost_usd},
    BandedFigure{"gross_margin", "gross margin", "", 3, false, &Headlines::gross_margin},
    BandedFigure{"cost_profit_ratio", "cost-profit ratio", "", 2, false, &Headlines::cost_profit_ratio},
};

struct Band {
  const BandedFigure* figure = nullptr;
  double p10 = 0, p50 = 0, p90 = 0;
  // By source: its share of the sum of squares of what each does alone, half the way between one standard
  // deviation down and up; 0 where no number of nodes keeps the service at one of the two.
  std::vector<double> shares;
};

// Empty where nothing was decoded, or the run is saturated: there is no steady state to move.
struct Bands {
  std::vector<Source> sources;
  // In the order of kBanded; those of the nodes that keep the service are left out where in a tenth of the
  // draws none do, and so are the ratios that the run has not.
  std::vector<Band> figures;
  // Node-hours that a token takes, over those of the run: what a hundredth of the draws each come to, in
  // order, of those where some number of nodes keeps the service. Finance draws costs from it.
  std::vector<double> node_hours_a_token;
  int draws = 0;
  double saturated = 0, not_kept = 0;  // shares of the draws
};

// Deterministic: by the seed of the scenario, on any number of threads.
Bands draw_bands(const Result& result, int threads = 1);

}  // namespace tideline::scenario
