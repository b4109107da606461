#include "sim/finance/break_even.h"

namespace tideline::finance {
namespace {

std::optional<double> ratio(double a, double b) {
  return b > 0.0 ? std::optional(a / b) : std::nullopt;
}

}  // namespace

BreakEven break_even(const Terms& terms, const Statement& statement) {
  if (statement.saturated) return {};
  const double revenue = statement.revenue.total().usd(), cost = statement.cost.total().usd();
  double gpu_hours = 0.0;
  for (const HourStatement& h : statement.hours)
    gpu_hours += to_hours(h.prefill_node_ns + h.decode_node_ns + h.freed_node_ns) *
                 static_cast<double>(terms.gpus_per_node);
  BreakEven b;
  b.load = b.price = ratio(cost, revenue);
  b.paid_share = ratio(cost, revenue + statement.forgone.total().usd());
  b.gpu_rate_usd_h = ratio(revenue + statement.cost.freed_value.usd(), gpu_hours);
  return b;
}

}  // namespace tideline::finance
