#include "calib/import/rules.h"

#include "calib/import/import_trace.h"
#include "calib/import/kineto.h"
#include "calib/records/merge.h"
#include "calib/records/read.h"
#include "sim/base/error.h"
#include "tests/doctest.h"

namespace tideline::calib {
namespace {

std::optional<double> value(const std::string& text) {
  return Expression::parse(text).value([](std::string_view name) -> std::optional<double> {
    if (name == "rows") return 12.0;
    if (name == "$1") return 4.0;
    return std::nullopt;
  });
}

std::string broken(const std::string& text) {
  try {
    (void)Expression::parse(text);
  } catch (const Expression::Mistake& m) {
    return std::to_string(m.position) + ": " + m.message;
  }
  return "";
}

TEST_CASE("expressions bind as in arithmetic") {
  CHECK(value("2 + 3 * 4 - 6 / 3").value() == 12.0);
  CHECK(value("(2+3)*4").value() == 20.0);
  CHECK(value("8 / 2 / 2").value() == 2.0);
  CHECK(value("128 * rows / $1").value() == 384.0);
  CHECK(value("1e3").value() == 1000.0);
}

TEST_CASE("an expression without a value has none: an unknown name, a division by zero") {
  CHECK_FALSE(value("columns").has_value());
  CHECK_FALSE(value("1 / (rows - 12)").has_value());
}

TEST_CASE("what is no expression is placed") {
  CHECK(broken("") == "0: wants a number, a name or '(', found the end");
  CHECK(broken("2 *") == "3: wants a number, a name or '(', found the end");
  CHECK(broken("(2") == "2: wants ')', found the end");
  CHECK(broken("2 3") == "2: wants an operator or the end, found '3'");
  CHECK(broken("2 % 3") == "2: wants an operator or the end, found '%'");
  CHECK(broken("1e999") == "0: wants a number within range, found '1'");
  CHECK(broken(std::string(40, '(')) == "32: wants fewer brackets in one another, found '('");
  CHECK(broken(std::string(1001, '1')) == "0: more than 1000 characters");
}

std::string rules_text(const std::string& kernels) {
  return "{\"source\": {\"origin\": \"o\", \"date\": \"2025-02-27\"},\n\"kernels\": [\n" + kernels + "\n]}";
}

std::string mistakes(const std::string& kernels) {
  try {
    (void)parse_rules(rules_text(kernels), "r.json");
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

const std::string kHead = R"("family": "dense_gemm_fp8", "op": "o", "library": "l", "kernel": "gemm)";
const std::string kGemm = kHead + "\"";

TEST_CASE("every mistake of the rules is placed, with what was meant") {
  CHECK(mistakes("{" + kGemm + R"(, "shape": {"m": "gridx", "n": 1, "k": 1}, "nth": 2})") ==
        "r.json:3:84: error: \"gridx\" names \"gridx\", which is not known here\n"
        "  at /kernels/0/shape\n"
        "  did you mean \"grid_x\"?\n"
        "r.json:3:123: error: counts within a range: name the \"range\" too\n"
        "  at /kernels/0/nth\n");
  CHECK(mistakes("{" + kGemm + R"(, "shape": {"m": "2 +", "n": 1}})") ==
        "r.json:3:1: error: a dense_gemm_fp8 is measured by m, n, k; its shape lacks \"k\"\n"
        "  at /kernels/0\n"
        "r.json:3:90: error: \"2 +\", character 4: wants a number, a name or '(', found the end\n"
        "  at /kernels/0/shape/m\n");
  CHECK(mistakes(R"({"family": "routing", "op": "o", "library": "l", "kernel": "a(b"})") ==
        "r.json:3:60: error: not a regular expression (RE2): missing ): a(b\n"
        "  at /kernels/0/kernel\n");
  CHECK(mistakes(R"({"family": "routing", "kernal": "a"})") ==
        "r.json:3:1: error: a rule without its \"kernel\", a regular expression\n"
        "  at /kernels/0\n"
        "r.json:3:1: error: a rule without its \"op\"\n"
        "  at /kernels/0\n"
        "r.json:3:1: error: a rule without its \"library\"\n"
        "  at /kernels/0\n"
        "r.json:3:23: error: unknown key \"kernal\"\n"
        "  at /kernels/0/kernal\n"
        "  did you mean \"kernel\"?\n");
}

TEST_CASE("a source without an origin, or with a date of another form, is a mistake of the rules") {
  const auto mistake = [](const std::string& source) {
    try {
      (void)parse_rules("{\"source\": " + source + R"(, "kernels": []})", "r.json");
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(mistake(R"({"origin": "", "date": "2025-02-27"})") ==
        "r.json:1:23: error: a measurement without its origin\n  at /source/origin\n");
  CHECK(mistake(R"({"origin": "o", "date": "27 Feb 2025"})") ==
        "r.json:1:36: error: wants a date as 2025-02-27, found \"27 Feb 2025\"\n  at /source/date\n");
  CHECK(mistake(R"({"origin": "o", "date": "{column}"})") == "");
}

struct Event {
  std::string name;
  int ts, dur, stream;
  std::string grid;
  std::string range;
};

// A trace of kernels, each launched 1 us before it starts; launches of one range make one range.
Trace trace_of(const std::vector<Event>& events) {
  std::string text;
  int correlation = 0;
  std::map<std::string, std::pair<int, int>> ranges;
  for (const Event& e : events) {
    ++correlation;
    text += R"({"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","tid":1,"ts":)" +
            std::to_string(e.ts - 1) + R"(,"dur":1,"args":{"correlation":)" + std::to_string(correlation) +
            "}},";
    text += R"({"ph":"X","cat":"kernel","name":")" + e.name + R"(","ts":)" + std::to_string(e.ts) +
            R"(,"dur":)" + std::to_string(e.dur) + R"(,"args":{"device":0,"stream":)" +
            std::to_string(e.stream) + R"(,"correlation":)" + std::to_string(correlation) + R"(,"grid":)" +
            e.grid + R"(,"block":[128,1,1]}},)";
    if (e.range.empty()) continue;
    auto& [from, to] = ranges.try_emplace(e.range, e.ts - 1, e.ts).first->second;
    from = std::min(from, e.ts - 1), to = std::max(to, e.ts);
  }
  for (const auto& [name, time] : ranges)
    text += R"({"ph":"X","cat":"user_annotation","name":")" + name.substr(0, name.find('#')) +
            R"(","tid":1,"ts":)" + std::to_string(time.first) + R"(,"dur":)" +
            std::to_string(time.second - time.first) + "},";
  text.back() = ']';
  text = R"({"deviceProperties":[{"name":"GPU","numSms":132}],"traceEvents":[)" + text + "}";
  TextSource source = TextSource::of(text, "t.json");
  return read_kineto(source);
}

Imported import(const std::vector<Event>& events, const std::string& kernels) {
  return import_trace(trace_of(events), parse_rules(rules_text(kernels), "r.json"));
}

TEST_CASE("a rule takes shapes from the grid, from the name, and from other kernels of the range") {
  const Imported imported =
      import({{"gemm<64>", 10, 5, 7, "[2,56,1]", "mlp#1"},
              {"rows", 20, 5, 7, "[31104,1,1]", "mlp#1"},
              {"gemm<64>", 110, 7, 7, "[2,56,1]", "mlp#2"},
              {"rows", 120, 5, 7, "[30976,1,1]", "mlp#2"}},
             "{" + kHead + R"(<([0-9]+)>", "range": "mlp", "sms": "grid_x * grid_y", "flop": "2 * m * n * k",
        "shape": {"m": "padded", "n": "$1 * 2", "k": "n + 1"}},
       {"family": "streaming", "op": "s", "library": "l", "kernel": "^rows$", "range": "mlp",
        "shape": {"bytes": "grid_x"}, "remember": {"padded": "grid_x"}})");
  REQUIRE(imported.records.size() == 4);
  const records::Record& second = imported.records[1];
  CHECK(second.shape == records::Wholes{{"m", 31104}, {"n", 128}, {"k", 129}});
  CHECK(second.impl.sms == 112);
  CHECK(*second.work.flop == 2.0 * 31104 * 128 * 129);
  CHECK(second.time_us.median == 5.0);
  CHECK(imported.records[0].shape.at("m") == 30976);
  CHECK(imported.mapped_us == imported.time_us);
}

TEST_CASE(
    "nth counts kernels in order of launch within each instance of a range; the first rule that fits "
    "counts") {
  const std::string rules = R"({"family": "routing", "library": "l", "kernel": "k", "each": [
        {"range": "a", "op": "first", "nth": 1}, {"range": "a", "op": "others", "nth": [2, 3]},
        {"op": "elsewhere", "grid": [1, 2]}]})";
  const Imported imported = import({{"k", 10, 1, 7, "[1,1,1]", "a#1"},
                                    {"k", 20, 2, 7, "[1,2,1]", "a#1"},
                                    {"k", 30, 4, 7, "[1,1,1]", "a#1"},
                                    {"k", 40, 8, 7, "[1,1,1]", "a#1"},
                                    {"k", 110, 16, 7, "[1,1,1]", "a#2"},
                                    {"k", 150, 32, 7, "[1,2,9]", ""},
                                    {"k", 190, 64, 7, "[1,3,9]", ""}},
                                   rules);
  std::map<std::string, std::pair<std::int64_t, double>> found;
  for (const records::Record& r : imported.records) found[r.op] = {r.time_us.n, *r.time_us.mean};
  CHECK(found["first"] == std::pair<std::int64_t, double>{2, 8.5});
  CHECK(found["others"] == std::pair<std::int64_t, double>{2, 3.0});
  CHECK(found["elsewhere"] == std::pair<std::int64_t, double>{1, 32.0});
  REQUIRE(imported.unmapped.size() == 1);
  CHECK(imported.unmapped[0].count == 2);
  CHECK(imported.unmapped[0].time_us == 72.0);
}

TEST_CASE("a launch size is whole numbers of 1 or more") {
  const auto mistake = [](const std::string& grid) {
    return mistakes(R"({"family": "routing", "op": "o", "library": "l", "kernel": "k", "grid": [)" + grid +
                    "]}");
  };
  CHECK(mistake("1.5") ==
        "r.json:3:73: error: wants whole numbers of 1 or more, found 1.5\n  at /kernels/0/grid\n");
  CHECK(mistake("1, -4").find("wants whole numbers of 1 or more, found -4\n") != std::string::npos);
  CHECK(mistake("0").find("wants whole numbers of 1 or more, found 0\n") != std::string::npos);
  CHECK(mistake("4294967296").find("wants whole numbers of 1 or more") != std::string::npos);
  CHECK(mistake("4294967295") == "");
}

TEST_CASE("SMs that the GPU does not have leave a kernel unmapped") {
  const auto why = [](const std::string& sms) {
    const Imported imported =
        import({{"gemm", 10, 5, 7, "[3,1,1]", ""}},
               "{" + kGemm + R"(, "shape": {"m": "grid_x", "n": 1, "k": 1}, "sms": ")" + sms + "\"}");
    return imported.records.empty() ? imported.unmapped.at(0).why : "";
  };
  CHECK(why("grid_x") == "");
  CHECK(why("grid_x - 3") == "its rule gives it 0 of 132 SMs");
  CHECK(why("grid_x * 50") == "its rule gives it 150 of 132 SMs");
  CHECK(why("grid_x / 2") == "its rule gives it 1.5 of 132 SMs");
}

TEST_CASE("kernels of unlike work make records of their own") {
  const Imported imported =
      import({{"gemm", 10, 5, 7, "[3,1,1]", ""}, {"gemm", 20, 7, 7, "[4,1,1]", ""}},
             "{" + kGemm + R"(, "shape": {"m": 64, "n": 1, "k": 1}, "flop": "10 * grid_x"})");
  REQUIRE(imported.records.size() == 2);
  CHECK(*imported.records[0].work.flop == 30.0);
  CHECK(imported.records[0].time_us.median == 5.0);
  CHECK(*imported.records[1].work.flop == 40.0);
  CHECK(imported.records[1].time_us.median == 7.0);
}

TEST_CASE("a kernel beside an all-to-all and another kernel is no kernel beside an all-to-all") {
  const Imported imported = import({{"k", 100, 100, 7, "[1,1,1]", ""},
                                    {"deep_ep::dispatch", 100, 100, 9, "[1,1,1]", ""},
                                    {"k", 300, 400, 7, "[1,1,1]", ""},
                                    {"deep_ep::dispatch", 300, 400, 9, "[1,1,1]", ""},
                                    {"other", 300, 400, 8, "[1,1,1]", ""}},
                                   R"({"family": "streaming", "op": "k", "library": "l", "kernel": "^k$",
                                       "shape": {"bytes": 64}})");
  REQUIRE(imported.records.size() == 2);
  for (const records::Record& r : imported.records) {
    CHECK(r.company.kind == "beside");
    CHECK(*r.company.communication == 1.0);
    CHECK(records::beside_all_to_all(r) == (r.time_us.median == 100.0));
  }
}

TEST_CASE("what a rule cannot tell leaves its kernel unmapped, with the reason") {
  const Imported imported = import({{"gemm", 10, 5, 7, "[3,1,1]", ""}},
                                   "{" + kGemm + R"(, "shape": {"m": "grid_x / 2", "n": 1, "k": 1}})");
  REQUIRE(imported.unmapped.size() == 1);
  CHECK(imported.unmapped[0].why == "its rule makes \"m\" 1.5, no whole number of 1 or more");
}

TEST_CASE("a name that only resembles an axis is no axis: unknown, or what another kernel put by under it") {
  CHECK(mistakes("{" + kGemm + R"(, "shape": {"m": "grid_w", "n": 1, "k": "block_a"}})")
            .find("\"grid_w\" names \"grid_w\", which is not known here") != std::string::npos);
  const Imported imported =
      import({{"gemm", 10, 5, 7, "[3,1,1]", "mlp#1"},
              {"gemm", 110, 5, 7, "[3,1,1]", "mlp#2"},
              {"rows", 120, 5, 7, "[64,1,1]", "mlp#2"}},
             "{" + kGemm + R"(, "range": "mlp", "shape": {"m": "block_v", "n": 1, "k": 1}},
       {"family": "routing", "op": "r", "library": "l", "kernel": "rows", "range": "mlp",
        "remember": {"block_v": "grid_x"}})");
  REQUIRE(imported.records.size() == 2);
  CHECK(imported.records[0].shape.at("m") == 64);
  REQUIRE(imported.unmapped.size() == 1);  // in the first range nobody put it by
  CHECK(imported.unmapped[0].why == "its rule cannot tell \"m\": \"block_v\"");
}

TEST_CASE("a kernel without a grid or without a time makes no record of nothing") {
  const std::string rule = "{" + kGemm + R"(, "shape": {"m": "grid_x", "n": 1, "k": 1}})";
  const auto why = [&](int dur, const std::string& grid) {
    const Imported imported = import({{"gemm", 10, dur, 7, grid, ""}}, rule);
    CHECK(imported.records.empty());
    return imported.unmapped.at(0).why;
  };
  CHECK(why(5, "\"[3,1,1]\"") == "its rule cannot tell \"m\": \"grid_x\"");
  CHECK(why(5, "[0,1,1]") == "its rule cannot tell \"m\": \"grid_x\"");
  CHECK(why(0, "[3,1,1]") == "it took no time by the clock of the trace");
  const Imported rounded = import({{"gemm", 10, 0, 7, "[3,1,1]", ""},
                                   {"gemm", 20, 1, 7, "[3,1,1]", ""},
                                   {"gemm", 30, 1, 7, "[3,1,1]", ""}},
                                  rule);
  CHECK(rounded.records.at(0).time_us.n == 3);
  CHECK(rounded.records.at(0).time_us.median == 1.0);
}

TEST_CASE("a long name is cut between characters, and every record can be read back") {
  const std::string rule = R"({"family": "routing", "op": "k", "library": "l", "kernel": "k"})";
  const std::string name = "k" + std::string(198, 'x') + "\xC3\xA9";  // 201 bytes
  const Imported imported = import({{name, 10, 5, 7, "[1,1,1]", ""}}, rule);
  CHECK(*imported.records.at(0).impl.kernel == "k" + std::string(198, 'x'));
  CHECK(records::refusal(imported.records[0]) == "");

  const std::string dated = R"({"source": {"origin": "o", "date": "{column}"}, "kernels": [)" + rule + "]}";
  CHECK_THROWS_WITH_AS(
      (void)import_trace(trace_of({{"k", 10, 5, 7, "[1,1,1]", ""}}), parse_rules(dated, "r.json")),
      "r.json: error: the record of \"k\" could not be read back: wants a \"date\" as 2025-02-27, found "
      "\"{column}\"\n",
      InputError);
}

TEST_CASE("kernels alone, partly and wholly beside others make records of their own") {
  const std::string rules = R"({"family": "routing", "op": "k", "library": "l", "kernel": "^k"},
    {"family": "dispatch", "op": "d", "library": "l", "kernel": "deep_ep",
     "shape": {"tokens": 1, "hidden": 1, "gpus": 2}})";
  const Imported imported = import({{"k", 100, 100, 7, "[1,1,1]", ""},
                                    {"k", 200, 100, 7, "[1,1,1]", ""},
                                    {"k", 300, 100, 7, "[1,1,1]", ""},
                                    {"deep_ep::dispatch", 250, 200, 9, "[1,1,1]", ""},
                                    {"k", 500, 100, 7, "[1,1,1]", ""},
                                    {"k2", 500, 100, 8, "[1,1,1]", ""}},
                                   rules);
  std::map<std::string, std::pair<std::int64_t, double>> found;
  for (const records::Record& r : imported.records)
    found[r.op + " " + r.company.kind + (records::beside_all_to_all(r) ? " an all-to-all" : "")] = {
        r.time_us.n, *r.company.communication};
  CHECK(found["k alone"] == std::pair<std::int64_t, double>{1, 0.0});
  CHECK(found["k partly"] == std::pair<std::int64_t, double>{1, 0.5});
  CHECK(found["k beside an all-to-all"] == std::pair<std::int64_t, double>{1, 1.0});
  CHECK(found["k beside"] == std::pair<std::int64_t, double>{2, 0.0});  // two beside one another
  CHECK(found["d partly"].first == 1);
  CHECK(imported.alone == 1);
  CHECK(imported.partly == 2);
  CHECK(imported.beside == 3);
}

TEST_CASE("kernels of unlike GPUs make records of their own, those of like ones make one") {
  const auto kernel = [](int device, int dur) {
    return R"({"ph":"X","cat":"kernel","name":"k","ts":0,"dur":)" + std::to_string(dur) +
           R"(,"args":{"stream":7,"device":)" + std::to_string(device) + "}}";
  };
  const std::string text =
      R"({"deviceProperties":[{"id":0,"name":"NVIDIA H800","numSms":132},
                              {"id":1,"name":"NVIDIA H20","numSms":78},
                              {"id":2,"name":"NVIDIA H800","numSms":132}],"traceEvents":[)" +
      kernel(1, 80) + "," + kernel(0, 20) + "," + kernel(2, 30) + "]}";
  TextSource source = TextSource::of(text, "t.json");
  const Imported imported = import_trace(
      read_kineto(source),
      parse_rules(rules_text(R"({"family": "routing", "op": "k", "library": "l", "kernel": "k"})"),
                  "r.json"));
  REQUIRE(imported.records.size() == 2);
  CHECK(imported.records[0].device.name == "NVIDIA H20");
  CHECK(imported.records[0].device.sms == 78);
  CHECK(imported.records[0].time_us.median == 80.0);
  CHECK(imported.records[1].device.name == "NVIDIA H800");
  CHECK(imported.records[1].time_us.median == 25.0);
}

TEST_CASE("a trace that does not say its GPU needs rules that do") {
  TextSource source = TextSource::of(
      R"([{"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1,"args":{"device":0,"stream":7}}])", "t.json");
  const Trace trace = read_kineto(source);
  const Rules rules =
      parse_rules(rules_text(R"({"family": "routing", "op": "k", "library": "l", "kernel": "k"})"), "r.json");
  CHECK_THROWS_WITH_AS((void)import_trace(trace, rules),
                       "t.json: error: the trace does not say what GPU it is of, and how many SMs that has\n"
                       "  add \"device\": {\"name\": ..., \"sms\": ...} to r.json\n",
                       InputError);
}

}  // namespace
}  // namespace tideline::calib
