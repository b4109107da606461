// The result of a run: one struct, from which every renderer takes its numbers. What the screen shows, JSON
// has.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/finance/statement.h"
#include "sim/fleet/simulation.h"
#include "sim/metrics/day.h"
#include "sim/metrics/disturbance.h"
#include "sim/scenario/bands.h"
#include "sim/scenario/scenario.h"

namespace tideline::scenario {

// A headline number of a run, under the name it has in JSON and in "published".
struct Figure {
  std::string_view key;
  std::string_view label;  // for a person
  std::string_view unit;
  int decimals;
  std::optional<double> value{};  // none: a ratio to nothing, or of money of a saturated ledger
};
// REQUIRES: one of `figures` has this key.
std::optional<double> value_of(std::span<const Figure> figures, std::string_view key);

// What headlines are made of: a window of one service, or of several beside one another.
struct HeadlineSums {
  metrics::TokenCounts tokens;
  double kv_tokens_per_output_token = 0;
  std::int64_t prefill_node_ns = 0, decode_node_ns = 0;
  double gpus_per_node = 0;  // mean over those nodes
  double nodes_mean = 0;
  std::int64_t nodes_peak = 0;
  std::optional<double> output_speed_tok_s_user;  // several services have none together
  Money cost, revenue;
  bool saturated = false;
};
// In the order of summary_figures(), which has them all. Where the ledger is saturated no ratios of money:
// its revenue is of all that were answered, also after its end, its cost of the nodes until then.
std::vector<Figure> headlines(const HeadlineSums& sums);

// How a part of the load was served: the whole window, an hour, a class. Latencies as metrics::Latencies.
struct Service {
  metrics::TokenCounts tokens;
  metrics::Summary queue_s, ttft_s, decode_wait_s, tpot_s, itl_s, e2e_s;
  double output_speed_tok_s_user = 0;
  // None where no answer had two tokens.
  [[nodiscard]] std::optional<double> output_speed() const {
    return tpot_s.none ? std::nullopt : std::optional(output_speed_tok_s_user);
  }
  metrics::SetBacks set_backs;                              // of its requests, whenever
  metrics::Attainment slo;                                  // without SLOs, only what was offered
  double goodput_requests_s = 0, goodput_output_tok_s = 0;  // good requests and their output, by its time
  // Of those that were taken in, still without their last token when patience ended.
  [[nodiscard]] std::int64_t unfinished() const { return slo.offered - set_backs.rejected - tokens.requests; }
};

struct HourResult {
  int local_hour = 0;
  Duration length{};  // the last may be cut short by the window
  Service service;
  finance::HourStatement money;
  double nodes_prefill = 0, nodes_decode = 0;  // mean over the hour
};

struct Result {
  Scenario scenario;
  std::vector<Figure> figures;  // in the order of summary_figures()
  Service whole;
  std::vector<HourResult> hours;
  std::vector<Service> by_class;
  std::vector<metrics::Minute> minutes;
  std::vector<metrics::Disturbance> disturbances;  // by lost units
  std::vector<metrics::Growth> growths;            // queues that grew: a stage that was asked too much
  finance::Ledger ledger;                          // what the statement is of
  finance::Statement statement;
  fleet::RunTotals totals;
  Bands bands;
  double prefill_pass_s = 0;           // mean; 0: there was none
  double prefill_budget_fill = 0;      // computed tokens of a pass over its token budget, mean
  double prefill_work_fill = 0;        // its work over its budget of work, mean
  double decode_requests_per_gpu = 0;  // mean over the window, of units that serve or drain
  double decode_step_s = 0;            // mean; 0: there was none
  // Requests were left unanswered, or a queue grew through an hour.
  [[nodiscard]] bool saturated() const { return totals.window_unfinished > 0 || !growths.empty(); }
  // Where SLOs are given: as many requests as must be are good.
  [[nodiscard]] bool slo_holds() const { return !scenario.slos || whole.slo.share() >= scenario.slos->share; }
};

// Every headline a run has, without its value.
std::span<const Figure> summary_figures();

struct RunOptions {
  std::uint32_t replication = 0;  // counted from the scenario's own
  int threads = 1;                // at most 2 are used; the result is the same bytes
  bool bands = true;              // a tenth of a second; without them Result::bands is empty
  // Called about once a simulated minute, from any thread.
  std::function<void(Instant, std::uint64_t requests)> progress{};
};

// Simulates the scenario.
Result run(const Scenario& scenario, const RunOptions& options = {});

}  // namespace tideline::scenario
