// Does each unit mean what it says, does every size read back, and is every slip answered?
#include <algorithm>

#include "tests/unit/config/reading.h"

namespace tideline::config {
namespace {

template <class Q>
double read(const std::string& text) {
  double value = -1.0;
  const auto reader = [&](const Node& root) { value = root.quantity<Q>("x").value(); };
  INFO(text);
  CHECK(mistakes(R"({"x": ")" + text + "\"}", reader) == "");
  return value;
}

template <class Q>
std::string refuse(const std::string& json) {
  const std::string text =
      mistakes("{\"x\": " + json + "}", [](const Node& root) { (void)root.quantity<Q>("x"); });
  const std::string head = "a.json:1:7: error: ";
  REQUIRE(text.starts_with(head));
  return text.substr(head.size());
}

TEST_CASE("times") {
  CHECK(read<Seconds>("7 ns") == 7e-9);
  CHECK(read<Seconds>("7 us") == 7e-6);
  CHECK(read<Seconds>("7 ms") == 7e-3);
  CHECK(read<Seconds>("7 s") == 7.0);
  CHECK(read<Seconds>("7 min") == 420.0);
  CHECK(read<Seconds>("7 h") == 25200.0);
  CHECK(read<Seconds>("7 d") == 604800.0);
  CHECK(read<Seconds>("5 y") == 5 * 365 * 86400.0);
}

TEST_CASE("amounts of data: powers of ten, and of 1024 where they say so") {
  CHECK(read<Bytes>("7 B") == 7.0);
  CHECK(read<Bytes>("7 kB") == 7e3);
  CHECK(read<Bytes>("7 MB") == 7e6);
  CHECK(read<Bytes>("7 GB") == 7e9);
  CHECK(read<Bytes>("7 TB") == 7e12);
  CHECK(read<Bytes>("7 PB") == 7e15);
  CHECK(read<Bytes>("7 KiB") == 7168.0);
  CHECK(read<Bytes>("143771 MiB") == 150754820096.0);
  CHECK(read<Bytes>("1 GiB") == 1073741824.0);
  CHECK(read<Bytes>("1 TiB") == 1099511627776.0);
}

TEST_CASE("data rates: bytes, and bits turned into bytes") {
  CHECK(read<BytesPerSecond>("7 B/s") == 7.0);
  CHECK(read<BytesPerSecond>("50 GB/s") == 50e9);
  CHECK(read<BytesPerSecond>("3.35 TB/s") == 3.35e12);
  CHECK(read<BytesPerSecond>("40 GiB/s") == 42949672960.0);
  CHECK(read<BytesPerSecond>("400 Gb/s") == 50e9);
  CHECK(read<BytesPerSecond>("0.4 Tb/s") == 50e9);
}

TEST_CASE("tokens, work, money and rates") {
  CHECK(read<Tokens>("7 tok") == 7.0);
  CHECK(read<Tokens>("7 ktok") == 7e3);
  CHECK(read<Tokens>("7 Mtok") == 7e6);
  CHECK(read<Tokens>("608 Gtok") == 608e9);
  CHECK(read<Tokens>("14.8 Ttok") == 14.8e12);
  CHECK(read<TokensPerSecond>("73.7 ktok/s") == 73.7e3);
  CHECK(read<FlopPerSecond>("989 Tflop/s") == 989e12);
  CHECK(read<FlopPerSecond>("1.979 Pflop/s") == 1979e12);
  CHECK(read<FlopPerSecond>("67 Gflop/s") == 67e9);
  CHECK(read<Dollars>("30000 USD") == 30000.0);
  CHECK(read<DollarsPerSecond>("2 USD/h") == 2.0 / 3600.0);
  CHECK(read<PerSecond>("1500 req/s") == 1500.0);
  CHECK(read<PerSecond>("1500 /s") == 1500.0);
  CHECK(read<Watts>("10.2 kW") == 10.2e3);
  CHECK(read<DollarsPerJoule>("0.08 USD/kWh") == 0.08 / 3.6e6);
}

TEST_CASE("the blank before a unit is optional, and numbers may have a point and an exponent") {
  CHECK(read<Seconds>("5us") == 5e-6);
  CHECK(read<Bytes>("1.5e-3 GB") == 1.5e6);
  CHECK(read<Bytes>("2E+3B") == 2000.0);
}

TEST_CASE("one size in two units gives the same bits") {
  CHECK(read<Seconds>("5 us") == read<Seconds>("0.005 ms"));
  CHECK(read<Seconds>("0.3 us") == read<Seconds>("300 ns"));
  CHECK(read<Bytes>("0.1 TB") == read<Bytes>("100 GB"));
  CHECK(read<FlopPerSecond>("1.979 Pflop/s") == read<FlopPerSecond>("1979 Tflop/s"));
}

TEST_CASE("every size is written so that it reads back as the very same number") {
  double x = 1.0;
  for (int i = 0; i < 400; ++i) {
    x = x * 1.37 + 1e-9 * i;
    if (x > 1e18) x *= 1e-27;
    const double time = std::min(x, 3e9);  // at most a hundred years
    std::string text;
    const auto reader = [&](const Node& root) {
      (void)root.quantity<Seconds>("s", Seconds(time));
      (void)root.quantity<BytesPerSecond>("b", BytesPerSecond(x));
      (void)root.quantity<DollarsPerSecond>("d", DollarsPerSecond(x));
      (void)root.quantity<DollarsPerJoule>("e", DollarsPerJoule(x));
    };
    const std::string once = effective("{}", reader);
    const auto again = [&](const Node& root) {
      CHECK(root.quantity<Seconds>("s").value() == time);
      CHECK(root.quantity<BytesPerSecond>("b").value() == x);
      CHECK(root.quantity<DollarsPerSecond>("d").value() == x);
      CHECK(root.quantity<DollarsPerJoule>("e").value() == x);
    };
    CHECK(effective(once, again) == once);
  }
}

TEST_CASE("a number without its unit is told which units there are") {
  CHECK(refuse<Seconds>("5") ==
        "wants a time such as \"2.5 ms\", found the number 5 without a unit\n  at /x\n"
        "  units of a time: s, ns, us, ms, min, h, d, y\n");
  CHECK(refuse<Tokens>("\"608\"") ==
        "wants a number of tokens such as \"608 Gtok\", found \"608\" without a unit\n  at /x\n"
        "  units of a number of tokens: tok, ktok, Mtok, Gtok, Ttok\n");
}

TEST_CASE("an amount where a rate is wanted, and the other way round") {
  CHECK(refuse<BytesPerSecond>("\"80 GB\"") ==
        "wants a data rate such as \"50 GB/s\", found an amount of data \"80 GB\"\n  at /x\n"
        "  did you mean \"80 GB/s\"?\n");
  CHECK(refuse<Tokens>("\"20tok/s\"") ==
        "wants a number of tokens such as \"608 Gtok\", found a token rate \"20tok/s\"\n  at /x\n"
        "  did you mean \"20 tok\"?\n");
  CHECK(refuse<DollarsPerSecond>("\"2 USD\"") ==
        "wants a price per time such as \"2 USD/h\", found an amount of money \"2 USD\"\n  at /x\n"
        "  did you mean \"2 USD/h\"?\n");
  CHECK(refuse<Seconds>("\"3 GB\"") ==
        "wants a time such as \"2.5 ms\", found an amount of data \"3 GB\"\n  at /x\n"
        "  units of a time: s, ns, us, ms, min, h, d, y\n");
}

TEST_CASE("B is bytes only") {
  CHECK(refuse<Tokens>("\"608B\"") ==
        "wants a number of tokens such as \"608 Gtok\", found \"608B\", which is an amount of data: \"B\" is "
        "bytes "
        "only\n  at /x\n  did you mean \"608 Gtok\"?\n");
  CHECK(refuse<BytesPerSecond>("\"5 B\"") ==
        "wants a data rate such as \"50 GB/s\", found \"5 B\", which is an amount of data: \"B\" is bytes "
        "only\n"
        "  at /x\n  did you mean \"5 B/s\"?\n");
}

TEST_CASE("an unknown unit is answered with the one that was meant") {
  const auto mend = [](const std::string& text) {
    const std::string answer = text.substr(text.rfind("\n  ") + 3);
    return answer.substr(0, answer.size() - 1);
  };
  CHECK(
      refuse<FlopPerSecond>("\"989 TFLOPS\"") ==
      "wants a compute rate such as \"989 Tflop/s\", found \"989 TFLOPS\": unknown unit \"TFLOPS\"\n  at /x\n"
      "  did you mean \"989 Tflop/s\"?\n");
  CHECK(mend(refuse<BytesPerSecond>("\"400 Gbps\"")) == "did you mean \"400 Gb/s\"?");
  CHECK(mend(refuse<BytesPerSecond>("\"50 gb/s\"")) == "did you mean \"50 GB/s\"?");
  CHECK(mend(refuse<Tokens>("\"5 M\"")) == "did you mean \"5 Mtok\"?");
  CHECK(mend(refuse<Tokens>("\"4096 tokens\"")) == "did you mean \"4096 tok\"?");
  CHECK(mend(refuse<Seconds>("\"3 seconds\"")) == "did you mean \"3 s\"?");
  CHECK(mend(refuse<DollarsPerSecond>("\"2 $/hr\"")) == "did you mean \"2 USD/h\"?");
  CHECK(mend(refuse<PerSecond>("\"7 qps\"")) == "did you mean \"7 req/s\"?");
  CHECK(mend(refuse<Bytes>("\"7 furlongs\"")) ==
        "units of an amount of data: B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB");
}

TEST_CASE("below zero, beyond a number, and no number at all") {
  CHECK(refuse<Seconds>("\"-5 ms\"") == "wants a time of 0 or more, found \"-5 ms\"\n  at /x\n");
  CHECK(refuse<Seconds>("\"1e400 s\"") ==
        "wants a time such as \"2.5 ms\", found \"1e400 s\", which is too large for a number\n  at /x\n");
  CHECK(refuse<Seconds>("\"soon\"") == "wants a time such as \"2.5 ms\", found the text \"soon\"\n  at /x\n");
  CHECK(refuse<Seconds>("[]") == "wants a time such as \"2.5 ms\", found a list\n  at /x\n");
}

}  // namespace
}  // namespace tideline::config
