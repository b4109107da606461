#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "sim/base/clock.h"
#include "sim/base/csv.h"
#include "sim/report/finance_report.h"
#include "sim/report/numbers.h"

namespace tideline::report {
namespace {

using namespace finance;

// What stands in every line of FOCUS: the window as the billing period, and who bills whom.
class Focus {
 public:
  explicit Focus(const Study& study) : study_(study), base_(study.base()) {}

  std::string csv() {
    out_ =
        "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingPeriodStart,"
        "BillingPeriodEnd,"
        "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,"
        "ConsumedQuantity,ConsumedUnit,PricingQuantity,PricingUnit,ListUnitPrice,ServiceCategory,ServiceName,"
        "ResourceName,ResourceType\n";
    for (std::size_t h = 0; h < base_.statement.hours.size(); ++h) hour(h);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string at(std::int64_t ns) const {
    return config::utc(study_.start.unix_seconds + ns / kNsPerSecond);
  }

  void hour(std::size_t h) {
    const HourStatement& hour = base_.statement.hours[h];
    const HourNodes& nodes = base_.ledger.hours[h];
    const Terms& terms = base_.terms;
    for (std::size_t s = 0; s < kNodeStates; ++s) {
      line(h, "Usage", "prefill nodes", kNodeStateNames[s], nodes.prefill_ns[s], hour.cost.prefill[s].total(),
           terms.node_hour.total());
      line(h, "Usage", "decode nodes", kNodeStateNames[s], nodes.decode_ns[s], hour.cost.decode[s].total(),
           terms.node_hour.total());
    }
    line(h, "Usage", "freed nodes", "paid for and doing other work", hour.freed_node_ns,
         hour.cost.freed.total(), terms.freed_hour().total());
    if (hour.cost.freed_value > Money{})
      line(h, "Credit", "freed nodes", "what their other work is worth", hour.freed_node_ns,
           Money{} - hour.cost.freed_value, Money{} - terms.freed_value);
  }

  // `node_hour`: the price that was agreed, from which the cost is rounded.
  void line(std::size_t h, std::string_view category, std::string_view resource, std::string_view what,
            std::int64_t node_ns, Money cost, Money node_hour) {
    if (node_ns == 0) return;
    const std::int64_t from = static_cast<std::int64_t>(h) * kNsPerHour;
    const double hours = to_hours(node_ns), usd = cost.usd();
    out_ += fmt::format("{:.6f},{:.6f},{:.6f},{:.6f},USD,{},{},{},{},{},,{},Usage-Based,{},node-hours,{},",
                        usd, usd, usd, usd, at(0), at(base_.ledger.window.ns), at(from),
                        at(from + base_.ledger.length_of(h).ns), category,
                        csv_field(fmt::format("{}, {}", resource, what)), hours, hours);
    out_ += fmt::format("node-hours,{},AI and Machine Learning,LLM inference,{},node of {} GPUs\n",
                        node_hour.usd(), resource, base_.ledger.gpus_per_node);
  }

  const Study& study_;
  const Case& base_;
  std::string out_;
};

}  // namespace

std::string focus_csv(const FinanceAnswer& answer) {
  return Focus(answer.study).csv();
}

std::string finance_cases_csv(const FinanceAnswer& answer) {
  std::string out = "case,key,value,published\n";
  for (const Case& c : answer.study.cases)
    for (const Figure& f : kFigures) {
      const auto published = c.published.find(std::string(f.key));
      out += fmt::format("{},{},{},{}\n", csv_field(c.name), f.key, csv_number(f.of(c)),
                         published == c.published.end() ? "" : fmt::format("{}", published->second));
    }
  return out;
}

std::string finance_hours_csv(const FinanceAnswer& answer) {
  const Case& c = answer.study.base();
  std::string out =
      "local_hour,input_hit_tokens,input_miss_tokens,output_tokens,prefill_node_h,decode_node_h,freed_node_h,"
      "revenue_input_hit_usd,revenue_input_miss_usd,revenue_output_usd,revenue_usd,forgone_usd,"
      "cost_prefill_usd,cost_decode_usd,cost_freed_usd,cost_usd,profit_usd,gross_margin,cost_profit_ratio\n";
  for (std::size_t h = 0; h < c.statement.hours.size(); ++h) {
    const HourStatement& hour = c.statement.hours[h];
    const Money revenue = hour.revenue.total(), cost = hour.cost.total();
    out += fmt::format("{:02},{},{},{},{},{},{}", local_hour(c.ledger.first_minute, h), hour.tokens.input_hit,
                       hour.tokens.input_miss, hour.tokens.output, to_hours(hour.prefill_node_ns),
                       to_hours(hour.decode_node_ns), to_hours(hour.freed_node_ns));
    for (const Money amount :
         {hour.revenue.input_hit, hour.revenue.input_miss, hour.revenue.output, revenue, hour.forgone.total(),
          hour.cost.of_prefill(), hour.cost.of_decode(), hour.cost.of_freed(), cost, revenue - cost})
      out += fmt::format(",{:.6f}", amount.usd());
    out += fmt::format(",{},{}\n", csv_number(c.statement.gross_margin(revenue, cost)),
                       csv_number(c.statement.cost_profit_ratio(revenue, cost)));
  }
  return out;
}

}  // namespace tideline::report
