#include "sim/scenario/response.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/scenario/halving.h"
#include "sim/scenario/step_times.h"

namespace tideline::scenario {
namespace {

constexpr double kRatio = 1.08;       // between two places at which T and P are read
constexpr double kSame = 1.0 + 1e-9;  // a step that differs by less is the same: rounding

step::Line steps(const Scenario& scenario, const OperatingPoint& point) {
  const step::DecodeSurface surface = decode_surface(scenario);
  return {step::Axis::geometric(1.0, point.requests_max(), kRatio),
          [&](double n) { return surface(point.decode_load(n)).value(); }};
}

step::Line passes(const Scenario& scenario, const OperatingPoint& point) {
  const step::PrefillSurface surface = prefill_surface(scenario);
  return {step::Axis::geometric(16.0, point.tokens_max(), kRatio),
          [&](double x) { return surface(point.prefill_load(x)).value(); }};
}

// What is there when `per_second` arrives and a round of `time` takes what is there.
template <class Time>
double settles(double most, double per_second, const Time& time) {
  return last(most, [&](double x) { return x < per_second * time(x); });
}

}  // namespace

Response::Response(const Result& r) : Response(r, OperatingPoint(r)) {}

Response::Response(const Result& r, const OperatingPoint& point)
    : requests_max_(point.requests_max()),
      tokens_max_(point.tokens_max()),
      tokens_per_step_(1.0 + static_cast<double>(r.scenario.fleet.decode.unit.draft_tokens) *
                                 point.mean().acceptance),
      output_speed_(r.whole.output_speed_tok_s_user),
      ttft_p99_s_(r.whole.ttft_s.p99),
      step_(steps(r.scenario, point)),
      pass_(passes(r.scenario, point)),
      committed_(r.scenario.terms.committed()),
      freed_usd_s_((r.scenario.terms.freed_hour().total() - r.scenario.terms.freed_value).usd() / 3600.0) {
  for (std::size_t h = 0; h < r.hours.size(); ++h)
    add(r.hours[h], r.ledger.hours[h], static_cast<double>(r.scenario.node.gpus));
}

void Response::add(const HourResult& h, const finance::HourNodes& nodes, double gpus_per_node) {
  const auto seconds = [](std::int64_t ns) { return to_seconds(Duration{ns}).value(); };
  const std::int64_t prefill_ns = finance::working(nodes.prefill_ns);
  const std::int64_t decode_ns = finance::working(nodes.decode_ns);
  const Money cost_prefill = finance::working(h.money.cost.prefill);
  const Money cost_decode = finance::working(h.money.cost.decode);
  std::int64_t fixed_ns = nodes.held_ns();
  Money fixed = h.money.cost.of_prefill() + h.money.cost.of_decode();
  const auto requests = static_cast<double>(h.service.tokens.requests);
  Hour hour{.seconds = seconds(h.length.ns), .peak_nodes = static_cast<double>(nodes.peak)};
  window_s_ += hour.seconds;
  if (requests > 0.0 && decode_ns > 0 && prefill_ns > 0) {
    fixed_ns -= prefill_ns + decode_ns;
    fixed = fixed - cost_prefill - cost_decode;
    hour.requests = requests;
    hour.output_tokens = static_cast<double>(h.service.tokens.output) - requests;
    hour.tpot_s = h.service.tpot_s.mean;
    hour.ttft_p99_s = h.service.ttft_s.p99;
    hour.step_s = h.service.itl_s.mean;
    hour.node_s_prefill = seconds(prefill_ns);
    hour.node_s_decode = seconds(decode_ns);
    hour.cost_prefill = cost_prefill.usd();
    hour.cost_decode = cost_decode.usd();
    hour.revenue = h.money.revenue.total().usd();
    hour.on_gpu = hour.output_tokens / tokens_per_step_ * hour.step_s / (hour.node_s_decode * gpus_per_node);
    hour.per_second =
        static_cast<double>(h.service.tokens.input_miss) / (hour.node_s_prefill * gpus_per_node);
    hour.in_pass = settles(tokens_max_, hour.per_second, pass_);
    hour.room = room(hour, {});
  }
  hour.node_s_fixed = seconds(fixed_ns);
  hour.cost_fixed = fixed.usd();
  hours_.push_back(hour);
}

double Response::freed_s(const std::vector<double>& held_s) const {
  double peak = 0.0, freed = 0.0;
  for (std::size_t h = 0; h < hours_.size(); ++h)
    if (hours_[h].node_s() > 0.0)
      peak = std::max(peak, hours_[h].peak_nodes * held_s[h] / hours_[h].node_s());
  for (std::size_t h = 0; h < hours_.size(); ++h)
    freed += std::max(committed_.of(peak) * hours_[h].seconds - held_s[h], 0.0);
  return freed;
}

double Response::room(const Hour& h, const Shift& shift) const {
  const double anchor = h.step_s / step_(h.on_gpu) * std::exp(shift.decode - shift.tokens);
  if (anchor * step_(0.0) > h.step_s * kSame) return 0.0;
  return last(requests_max_, [&](double n) { return anchor * step_(n) <= h.step_s * kSame; });
}

Headlines Response::at(const Shift& shift) const {
  const double slower = std::exp(shift.decode), tokens = std::exp(shift.tokens), load = std::exp(shift.load);
  const double pass_slower = std::exp(shift.prefill);
  Headlines out;
  double time = 0, time_was = 0, ttft = 0, ttft_was = 0, node_s = 0, cost = 0, revenue = 0;
  std::vector<double> held_s;
  for (const Hour& h : hours_) {
    held_s.push_back(h.node_s_fixed);
    node_s += h.node_s_fixed, cost += h.cost_fixed;
    if (h.requests <= 0.0) continue;
    const double anchor = h.step_s / step_(h.on_gpu), pass_was = pass_(h.in_pass);
    const auto step_s = [&](double n) { return anchor * slower * step_(n); };
    const auto pass_s = [&](double x) { return pass_slower * pass_(x); };
    // At the nodes of the run.
    const double on_gpu = settles(requests_max_, h.on_gpu / h.step_s * load / tokens, step_s);
    const double in_pass = settles(tokens_max_, h.per_second * load, pass_s);
    out.saturated = out.saturated || on_gpu >= requests_max_ || in_pass >= tokens_max_;
    time_was += h.output_tokens * h.tpot_s;
    time += h.output_tokens * h.tpot_s * step_s(on_gpu) / h.step_s / tokens;
    ttft_was += h.requests * h.ttft_p99_s;
    ttft += h.requests * h.ttft_p99_s * pass_s(in_pass) / pass_was;
    // With as many nodes as keep speed and the fill of passes: fewer requests on a decode GPU, as many tokens
    // in a pass.
    const double moved = room(h, shift);
    out.kept = out.kept && moved > 0.0;
    const double decode = moved > 0.0 ? load * h.room / moved : std::numeric_limits<double>::infinity();
    const double prefill = pass_slower * load;
    const double moved_s = h.node_s_prefill * prefill + h.node_s_decode * decode;
    node_s += moved_s, held_s.back() += moved_s;
    cost += h.cost_prefill * prefill + h.cost_decode * decode;
    revenue += h.revenue * load;
  }
  out.output_speed = time > 0.0 ? output_speed_ * time_was / time : 0.0;
  out.ttft_p99_s = ttft_was > 0.0 ? ttft_p99_s_ * ttft / ttft_was : 0.0;
  out.nodes_mean = node_s / window_s_;
  if (out.kept) cost += freed_s(held_s) * freed_usd_s_;
  out.cost_usd = cost;
  // Not a number where there is nothing to set it against, as in every draw of the run then.
  out.gross_margin = revenue > 0.0 ? (revenue - cost) / revenue : std::numeric_limits<double>::quiet_NaN();
  if (!out.kept)
    out.cost_profit_ratio = -1.0;
  else
    out.cost_profit_ratio = cost > 0.0 ? (revenue - cost) / cost : std::numeric_limits<double>::quiet_NaN();
  return out;
}

}  // namespace tideline::scenario
