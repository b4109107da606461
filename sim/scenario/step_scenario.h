// A step scenario: one prefill pass or one decode step of one unit, its batch given. For those who want to
// see why a layout is fast or slow.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/node.h"
#include "sim/step/exchanges.h"
#include "sim/step/simulation.h"
#include "sim/step/step_model.h"

namespace tideline::scenario {

struct StepScenario {
  std::string question;
  step::Unit unit;
  step::RankLoad load;          // of every GPU
  std::uint64_t seed = 1;       // of the experts' popularity and the choices of tokens
  double memory_reserve = 0.0;  // share of GPU memory kept from weights and KV cache
  std::string effective;
};

// How the all-to-alls of a step were timed, and what binds them in its middle layer.
struct StepExchanges {
  bool counted = false;
  std::string measured_on;  // the node whose shares of the links' rates they have
  std::optional<network::Bottleneck> dispatch, combine;  // where they are counted
};

struct StepResult {
  StepScenario scenario;
  step::SimulatedStep step;
  std::vector<step::Operation> kernels;  // of a MoE layer (else of a dense one), one micro-batch, mean load
  std::vector<std::string> sources;      // what the times of the kernels stand on, in order of first use
  std::vector<std::vector<std::size_t>> sources_of;  // of each of `kernels`, into `sources`
  std::optional<StepExchanges> exchanges;            // none: one GPU
  std::string graph;                                 // of that layer with its exchanges, for Graphviz
  double tokens_per_step = 0;                        // of a GPU: prompt tokens computed, or query tokens
};

// Weights and KV cache against the memory of a GPU: what is missing, with its arithmetic; empty when it fits.
std::string why_it_does_not_fit(const StepScenario& scenario);

// Throws InputError with every mistake of the file.
StepScenario read_step(const config::Document& document);
StepResult run_step(const StepScenario& scenario, bool spans);

}  // namespace tideline::scenario
