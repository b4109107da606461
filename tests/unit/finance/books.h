// A small ledger and terms for tests of finance: two hours from local 08:00, of which the first half hour is
// sold at half price; two prefill nodes throughout, one decode node and from 08:45 three; 8 GPUs a node at
// 2 USD an hour.
#pragma once

#include <string>
#include <utility>

#include "sim/finance/statement.h"

namespace tideline::testing {

inline finance::Sold sold(std::string model, std::int64_t hit, std::int64_t miss, std::int64_t output) {
  finance::Sold s;
  s.model = std::move(model);
  s.book.list = {{hit}, {miss}, {output}};
  return s;
}

struct TwoHours {
  TwoHours() {
    terms.everyone.sold = {sold("one", 100, 1000, 4000)};
    terms.everyone.sold[0].book.windows = {
        {.from_minute = 30, .to_minute = 510, .prices = {{50}, {500}, {2000}}}};
    terms.node_hour.lease = {16'000'000};
    finance::add_nodes(ledger, {{Instant{-1}, {2}, {1}}, {Instant{45 * kMinute}, {2}, {3}}});
  }
  void sell(std::int64_t minute, std::int64_t input, std::int64_t cached, std::int64_t output,
            std::size_t of_class = 0) {
    const auto slot = static_cast<std::size_t>(minute / metrics::kSlotMinutes);
    ledger.tokens[slot * ledger.classes.size() + of_class] += {1, cached, input - cached, output};
  }
  [[nodiscard]] finance::Statement statement() const { return finance::account(terms, ledger); }

  static constexpr std::int64_t kMinute = 60 * kNsPerSecond;
  finance::Terms terms;
  finance::Ledger ledger = finance::empty_ledger({"chat", "api"}, {2 * kNsPerHour}, 8 * 60, 8);
};

// Many odd amounts in both classes.
inline TwoHours busy_hours() {
  TwoHours t;
  for (int i = 0; i < 120; ++i)
    t.sell(i, 1'000'000 + 37'013 * i, 13'007 * i, 777'001 + 11'003 * i, static_cast<std::size_t>(i % 3 == 0));
  return t;
}

}  // namespace tideline::testing
