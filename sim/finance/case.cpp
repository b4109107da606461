#include "sim/finance/case.h"

namespace tideline::finance {
namespace {

using Value = std::optional<double>;

Money revenue(const Case& c) {
  return c.statement.revenue.total();
}

}  // namespace

const std::array<Figure, 17> kFigures = {{
    {"revenue_usd", "revenue", "USD", 2, [](const Case& c) -> Value { return revenue(c).usd(); }},
    {"forgone_usd", "given away, at its price", "USD", 2,
     [](const Case& c) -> Value { return c.statement.forgone.total().usd(); }},
    {"cost_usd", "cost", "USD", 2, [](const Case& c) -> Value { return c.statement.cost.total().usd(); }},
    {"cost_prefill_usd", "  prefill nodes", "USD", 2,
     [](const Case& c) -> Value { return c.statement.cost.of_prefill().usd(); }},
    {"cost_decode_usd", "  decode nodes", "USD", 2,
     [](const Case& c) -> Value { return c.statement.cost.of_decode().usd(); }},
    {"cost_freed_usd", "  freed nodes", "USD", 2,
     [](const Case& c) -> Value { return c.statement.cost.of_freed().usd(); }},
    {"profit_usd", "profit", "USD", 2, [](const Case& c) -> Value { return c.statement.profit().usd(); }},
    {"gross_margin", "gross margin", "", 4,
     [](const Case& c) -> Value { return c.statement.gross_margin(); }},
    {"cost_profit_ratio", "cost-profit ratio", "", 4,
     [](const Case& c) -> Value { return c.statement.cost_profit_ratio(); }},
    {"cost_per_million_input_miss_usd", "cost of a million input misses", "USD", 4,
     [](const Case& c) -> Value { return c.statement.cost_per_million_miss; }},
    {"cost_per_million_output_usd", "cost of a million outputs", "USD", 4,
     [](const Case& c) -> Value { return c.statement.cost_per_million_output; }},
    {"nodes_mean", "nodes held, mean", "", 2, [](const Case& c) -> Value { return c.statement.nodes_mean; }},
    {"nodes_peak", "nodes held, peak", "", 0,
     [](const Case& c) -> Value { return static_cast<double>(c.statement.nodes_peak); }},
    {"break_even_paid_share", "break-even paid share", "", 4,
     [](const Case& c) -> Value { return c.break_even.paid_share; }},
    {"break_even_load", "break-even load", "", 4, [](const Case& c) -> Value { return c.break_even.load; }},
    {"break_even_price", "break-even prices", "", 4,
     [](const Case& c) -> Value { return c.break_even.price; }},
    {"break_even_gpu_rate_usd_h", "break-even GPU rate", "USD/h", 4,
     [](const Case& c) -> Value { return c.break_even.gpu_rate_usd_h; }},
}};

void settle(Case& c) {
  c.statement = account(c.terms, c.ledger);
  c.break_even = break_even(c.terms, c.statement);
}

}  // namespace tideline::finance
