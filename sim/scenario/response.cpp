#include "sim/scenario/response.h"

#include <algorithm>
#include <cmath>

#include "sim/scenario/halving.h"

namespace tideline::scenario {
namespace {

constexpr double kRatio = 1.08;      // between two places at which T and P are composed
constexpr double kRoomLeast = 1e-3;  // of what was there: no number of nodes keeps what was

step::Line steps(const OperatingPoint& point, const kernels::KernelModel& kernels) {
  const step::StepModel model = point.decode_model(kernels);
  return {step::Axis::geometric(1.0, point.requests_max(), kRatio),
          [&](double n) { return model.decode(point.decode_load(n)).total().value(); }};
}

step::Line passes(const OperatingPoint& point, const kernels::KernelModel& kernels) {
  const step::StepModel model = point.prefill_model(kernels);
  return {step::Axis::geometric(16.0, point.tokens_max(), kRatio),
          [&](double x) { return model.prefill(point.prefill_load(x)).total().value(); }};
}

// What is there when `per_second` arrives and a round of `time` takes what is there.
template <class Time>
double settles(double most, double per_second, const Time& time) {
  return last(most, [&](double x) { return x < per_second * time(x); });
}

}  // namespace

Response::Response(const Result& r) : Response(r, kernels::KernelModel::load(r.scenario.node.gpu)) {}

Response::Response(const Result& r, const kernels::KernelModel& kernels)
    : Response(r, OperatingPoint(r, kernels), kernels) {}

Response::Response(const Result& r, const OperatingPoint& point, const kernels::KernelModel& kernels)
    : requests_max_(point.requests_max()),
      tokens_max_(point.tokens_max()),
      tokens_per_step_(1.0 + static_cast<double>(r.scenario.fleet.decode.unit.draft_tokens) *
                                 point.mean().acceptance),
      output_speed_(r.whole.output_speed_tok_s_user),
      ttft_p99_s_(r.whole.ttft_s.p99),
      step_(steps(point, kernels)),
      pass_(passes(point, kernels)) {
  const auto gpus = static_cast<double>(r.scenario.node.gpus);
  for (std::size_t i = 0; i < r.hours.size(); ++i) {
    const HourResult& h = r.hours[i];
    const Duration length{
        std::min(kNsPerHour, r.scenario.window.ns - static_cast<std::int64_t>(i) * kNsPerHour)};
    const double seconds = to_seconds(length).value();
    const auto requests = static_cast<double>(h.service.tokens.requests);
    if (requests <= 0.0 || h.nodes_decode <= 0.0 || h.nodes_prefill <= 0.0) continue;
    Hour hour{.requests = requests,
              .output_tokens = static_cast<double>(h.service.tokens.output) - requests,
              .tpot_s = h.service.tpot_s.mean,
              .ttft_p99_s = h.service.ttft_s.p99,
              .step_s = h.service.itl_s.mean,
              .nodes_prefill = h.nodes_prefill,
              .nodes_decode = h.nodes_decode,
              .cost_prefill = h.money.cost.of_prefill().usd(),
              .cost_decode = h.money.cost.of_decode().usd(),
              .revenue = h.money.revenue.total().usd()};
    hour.on_gpu = hour.output_tokens / tokens_per_step_ * hour.step_s / (seconds * h.nodes_decode * gpus);
    hour.per_second = static_cast<double>(h.service.tokens.input_miss) / (seconds * h.nodes_prefill * gpus);
    hour.in_pass = settles(tokens_max_, hour.per_second, pass_);
    hours_.push_back(hour);
  }
}

Headlines Response::at(const Shift& shift) const {
  const double slower = std::exp(shift.decode), tokens = std::exp(shift.tokens), load = std::exp(shift.load);
  const double pass_slower = std::exp(shift.prefill);
  Headlines out;
  double time = 0, time_was = 0, ttft = 0, ttft_was = 0, nodes = 0, cost = 0, revenue = 0;
  for (const Hour& h : hours_) {
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
    const double room = last(requests_max_, [&](double n) { return step_s(n) < h.step_s * tokens; });
    const double decode = h.on_gpu * load / std::max(room, kRoomLeast * h.on_gpu);
    const double prefill = pass_slower * load;
    nodes += h.nodes_prefill * prefill + h.nodes_decode * decode;
    cost += h.cost_prefill * prefill + h.cost_decode * decode;
    revenue += h.revenue * load;
  }
  out.output_speed = time > 0.0 ? output_speed_ * time_was / time : 0.0;
  out.ttft_p99_s = ttft_was > 0.0 ? ttft_p99_s_ * ttft / ttft_was : 0.0;
  out.nodes_mean = hours_.empty() ? 0.0 : nodes / static_cast<double>(hours_.size());
  out.cost_usd = cost;
  out.gross_margin = revenue > 0.0 ? (revenue - cost) / revenue : 0.0;
  out.cost_profit_ratio = cost > 0.0 ? (revenue - cost) / cost : 0.0;
  return out;
}

}  // namespace tideline::scenario
