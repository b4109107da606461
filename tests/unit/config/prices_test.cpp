// Are prices exact to the last digit?
#include "tests/unit/config/reading.h"

namespace tideline::config {
namespace {

std::int64_t micro(const std::string& text) {
  std::int64_t micro_units = -1;
  const auto read = [&](const Node& root) { micro_units = root.price("p").per_mtok.micro_usd; };
  CHECK(mistakes("{\"p\": \"" + text + "\"}", read) == "");
  return micro_units;
}

std::string refuse(const std::string& json) {
  return mistakes("{\"p\": " + json + "}", [](const Node& root) { (void)root.price("p"); });
}

TEST_CASE("a price keeps every decimal, to a millionth") {
  CHECK(micro("4 CNY/Mtok") == 4'000'000);
  CHECK(micro("0.14 USD/Mtok") == 140'000);
  CHECK(micro("2.19USD/Mtok") == 2'190'000);
  CHECK(micro("0.000001 USD/Mtok") == 1);
  CHECK(micro("1000000.999999 USD/Mtok") == 1'000'000'999'999);
}

TEST_CASE("a price is written back as it was meant") {
  for (const char* text :
       {"4 CNY/Mtok", "0.035 USD/Mtok", "2.19 USD/Mtok", "0 USD/Mtok", "0.000001 EUR/Mtok"})
    CHECK(effective("{\"p\": \"" + std::string(text) + "\"}", [](const Node& root) {
            (void)root.price("p");
          }) == "{\n  \"p\": \"" + std::string(text) + "\"\n}\n");
}

TEST_CASE("what is no price is refused") {
  const std::string wanted = "wants a price such as \"0.14 USD/Mtok\", found ";
  const std::string mend = "  at /p\n  a currency of three letters (ISO 4217) per million tokens\n";
  CHECK(refuse("0.14") == "a.json:1:7: error: " + wanted + "the number 0.14\n" + mend);
  CHECK(refuse("\"0.14 USD\"") == "a.json:1:7: error: " + wanted + "the text \"0.14 USD\"\n" + mend);
  CHECK(refuse("\"0.14 usd/Mtok\"") ==
        "a.json:1:7: error: " + wanted + "the text \"0.14 usd/Mtok\"\n" + mend);
  CHECK(refuse("\"0.14 $/Mtok\"") == "a.json:1:7: error: " + wanted + "the text \"0.14 $/Mtok\"\n" + mend);
  for (const std::string text : {"\"-1 USD/Mtok\"", "\"0.0000001 USD/Mtok\"", "\"1e3 USD/Mtok\""})
    CHECK(refuse(text) == "a.json:1:7: error: wants a price of 0 or more with at most six decimals, found " +
                              text + "\n  at /p\n");
}

}  // namespace
}  // namespace tideline::config
