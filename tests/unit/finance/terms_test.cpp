#include "sim/finance/terms.h"

#include <cmath>

#include "tests/doctest.h"

namespace tideline::finance {
namespace {

using namespace literals;

const std::vector<std::string> kClasses = {"chat", "api"};

std::string mistakes(const std::string& money, Terms& terms) {
  const auto document = config::Document::parse(R"({"money": )" + money + "}", "m.json");
  try {
    terms = read_terms(document.root().object("money"), 8, "Asia/Shanghai", kClasses);
    document.finish();
  } catch (const InputError& e) {
    return e.problems().front().pointer + ": " + e.problems().front().message;
  }
  return "";
}
Terms read(const std::string& money) {
  Terms terms;
  REQUIRE(mistakes(money, terms) == "");
  return terms;
}
std::string refuse(const std::string& money) {
  Terms terms;
  return mistakes(money, terms);
}

TEST_CASE("a leased node costs its GPUs, and is paid for as it is used") {
  const Terms t = read(R"({"gpu_rate": "2 USD/h", "price_book": "deepseek-v3-2025-02-usd"})");
  CHECK(t.node_hour.lease.micro_usd == 16'000'000);
  CHECK(t.node_hour.total() == t.node_hour.lease);
  CHECK(t.gpu_hour().micro_usd == 2'000'000);
  CHECK(t.commitment == Commitment::kAsUsed);
  CHECK(t.channel("chat").sold.front().model == "deepseek-v3-2025-02-usd");
}

TEST_CASE("an owned node is written off, with interest, energy, network and staff") {
  Owned o{.capex = Dollars(87'600.0),
          .life = Seconds(4 * 365 * 86400.0),
          .residual_share = 0.2,
          .cost_of_capital = 0.1,
          .depreciation = Depreciation::kStraightLine,
          .network_share = 0.25,
          .operations_share = 0.05,
          .power = Watts(10'000.0),
          .pue = 1.2,
          .energy_price = DollarsPerJoule(0.1 / 3.6e6)};
  // 87,600 x 0.8 / 4 + 0.1 x 87,600 x 1.2 / 2 = 17,520 + 5,256 a year, of 8,760 hours.
  CostItems c = node_hour(o);
  CHECK(c.capital.micro_usd == 2'600'000);
  CHECK(c.network.micro_usd == 650'000);
  CHECK(c.operations.micro_usd == 500'000);
  CHECK(c.energy.micro_usd == 1'200'000);
  // (87,600 - 17,520 / 1.1^4) x 0.1 / (1 - 1.1^-4) = 23,860.19 a year.
  o.depreciation = Depreciation::kAnnuity;
  CHECK(node_hour(o).capital.usd() == doctest::Approx(23'860.194 / 8760.0).epsilon(1e-6));
  o.cost_of_capital = 0.0;
  CHECK(node_hour(o).capital.micro_usd == 2'000'000);
}

TEST_CASE("an annuity pays back what was lent: its present value is the price less the residual's") {
  const Owned o{.capex = Dollars(300'000.0),
                .life = Seconds(5 * 365 * 86400.0),
                .residual_share = 0.1,
                .cost_of_capital = 0.08,
                .power = {},
                .energy_price = {}};
  const double a_year = node_hour(o).capital.usd() * 8760.0;
  double present = 30'000.0 / std::pow(1.08, 5.0);
  for (int year = 1; year <= 5; ++year) present += a_year / std::pow(1.08, year);
  CHECK(present == doctest::Approx(300'000.0).epsilon(1e-6));
}

TEST_CASE("owned nodes are paid for round the clock unless another is said to pay for those freed") {
  const std::string owned =
      R"("owned": {"capex_per_node": "300000 USD", "life": "5 y", "cost_of_capital": 0.08,
      "power_per_node": "10 kW", "pue": 1.3, "energy_price": "0.08 USD/kWh"},
      "price_book": "deepseek-v3-2025-02-usd")";
  CHECK(read("{" + owned + "}").commitment == Commitment::kRoundTheClock);
  CHECK(read("{" + owned + R"(, "commitment": "as_used"})").commitment == Commitment::kAsUsed);
  CHECK(read("{" + owned + "}").node_hour.energy.micro_usd == 1'040'000);
  CHECK(refuse("{" + owned + R"(, "gpu_rate": "2 USD/h"})") ==
        "/money/gpu_rate: nodes are leased or owned, and \"owned\" stands here too");
}

TEST_CASE("a class says what it is sold as, and has the rest from above") {
  const Terms t = read(R"({"gpu_rate": "2 USD/h", "price_book": "deepseek-r1-2025-02-usd", "model": "R1",
      "free_share": 0.5, "mix": [{"model": "V3", "price_book": "deepseek-v3-2025-02-usd", "share": 0.4}],
      "classes": {"api": {"free_share": 0, "price_book": "deepseek-v3-2025-02-usd"}}})");
  REQUIRE(t.channel("chat").sold.size() == 2);
  CHECK(t.channel("chat").sold[0].model == "R1");
  CHECK(t.channel("chat").sold[0].share == doctest::Approx(0.6));
  CHECK(t.channel("chat").free_share == 0.5);
  REQUIRE(t.channel("api").sold.size() == 1);
  CHECK(t.channel("api").free_share == 0.0);
}

TEST_CASE("terms that cannot be are refused") {
  const std::string leased = R"("gpu_rate": "2 USD/h", "price_book": "deepseek-r1-2025-02-usd")";
  CHECK(refuse("{" + leased + R"(, "classes": {"aip": {}}})") ==
        "/money/classes/aip: no class of requests is called \"aip\": there are chat, api");
  CHECK(refuse("{" + leased + R"(, "mix": [{"price_book": "deepseek-v3-2025-02-usd", "share": 0.6},
                                           {"price_book": "deepseek-v3-2025-02-usd", "share": 0.6}]})") ==
        "/money/mix: the shares of other models add up to more than 1");
  CHECK(refuse("{" + leased + R"(, "freed_value": "1 USD/h"})") ==
        "/money/freed_value: nodes that are paid for as they are used are given back: nothing is freed");
  CHECK(refuse(R"({"gpu_rate": "400000000000 USD/h", "price_book": "deepseek-r1-2025-02-usd"})") ==
        "/money/gpu_rate: at most a million dollars an hour");
  CHECK(refuse("{" + leased + R"(, "commitment": "round_the_clock", "freed_value": "1000001 USD/h"})") ==
        "/money/freed_value: at most a million dollars an hour");
  CHECK(refuse(R"({"gpu_rate": "2 USD/h", "price_book": "deepseek-r1-2025-02-cny"})") ==
        "/money/usd_per_currency: key \"usd_per_currency\" is missing: wants a number");
}

TEST_CASE("a price window that begins inside a slot is refused") {
  const Terms terms = read(R"({"gpu_rate": "2 USD/h", "price_book": "deepseek-v3-2025-02-usd"})");
  catalog::PriceBook odd = terms.everyone.sold.front().book;
  CHECK(windows_fit_slots(odd));
  odd.windows.front().from_minute += 5;
  CHECK(!windows_fit_slots(odd));
}

}  // namespace
}  // namespace tideline::finance
