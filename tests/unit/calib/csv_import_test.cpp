#include <algorithm>

#include "calib/import/csv.h"
#include "sim/base/error.h"
#include "tests/doctest.h"

namespace tideline::calib {
namespace {

const char* const kRules = R"({
  "source": {"kind": "published", "origin": "{source}", "date": "2025-02-27"},
  "device": {"name": "NVIDIA H800", "sms": 132},
  "method": {"mode": "published", "l2": "cold"},
  "rows": [
    {"where": {"layout": "masked"}, "family": "grouped_gemm_fp8_masked", "op": "masked {groups}",
     "library": "DeepGEMM", "version": "{library_v}",
     "shape": {"groups": "groups", "rows": "groups * m", "n": "n", "k": "k"},
     "flop": "2 * rows * n * k", "time_us": "Time_ns / 1000"},
    {"where": {"layout": "dense"}, "family": "dense_gemm_fp8", "op": "dense", "library": "DeepGEMM",
     "shape": {"m": "m", "n": "n", "k": "k"}, "time_us": "2 * m * n * k / ( tflop_s * 1e6 ) "}
  ]})";
const std::string kHeader = "source,layout,library v,groups,m,n,k,Time (ns),tflop/s\n";

Imported import(const std::string& text, const std::string& rules = kRules) {
  TextSource source = TextSource::of(text, "t.csv");
  return import_csv(source, parse_rules(rules, "r.json"));
}

std::string mistake(const std::string& text, const std::string& rules = kRules) {
  try {
    (void)import(text, rules);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

TEST_CASE("rows become records by the rule that fits, columns by their names") {
  const Imported imported = import("# a comment, with commas\n" + kHeader +
                                   "\"README, of \"\"DeepGEMM\"\"\",masked,1.2,4,256,4096,7168,65000,\r\n"
                                   "PR 94,dense,2.0,,4096,7168,16384,,1520\n");
  REQUIRE(imported.records.size() == 2);
  const records::Record& masked = imported.records[0];
  CHECK(masked.op == "masked 4");
  CHECK(masked.shape == records::Wholes{{"groups", 4}, {"rows", 1024}, {"n", 4096}, {"k", 7168}});
  CHECK(masked.time_us.median == 65.0);
  CHECK(*masked.work.flop == 2.0 * 1024 * 4096 * 7168);
  CHECK(*masked.impl.version == "1.2");
  CHECK(masked.source.origin == "README, of \"DeepGEMM\"");
  CHECK(masked.method.mode == "published");
  CHECK(imported.records[1].time_us.median == doctest::Approx(632.98).epsilon(1e-4));
}

TEST_CASE("a row without its numbers, or that no rule fits, is unmapped with the reason") {
  const Imported imported =
      import(kHeader +
             "s,masked,1,4,2.55,1,1,10,\ns,other,,,,,,,\ns,dense,,,1,1,1,,\ns,masked,1,4,0,1,1,10,\n"
             "s,masked,1,4,1,1,1,0,\n");
  CHECK(imported.records.empty());
  CHECK(imported.kernels == 5);
  std::vector<std::string> whys;
  for (const Unmapped& u : imported.unmapped) whys.push_back(u.why);
  CHECK(whys == std::vector<std::string>{"no rule fits", "no time: \"2 * m * n * k / ( tflop_s * 1e6 ) \"",
                                         "no time: \"Time_ns / 1000\"",
                                         "no whole number of 1 or more for \"rows\": \"groups * m\""});
}

TEST_CASE("a comment begins with #, not with a quote, and may follow the mark of UTF-8") {
  const std::string row = ",dense,,,4096,7168,16384,,1520\n";
  const Imported imported =
      import("\xEF\xBB\xBF# a \"comment\n" + kHeader + "\"#a\"" + row + "#b" + row + "c" + row);
  REQUIRE(imported.records.size() == 2);
  CHECK(imported.records[0].source.origin == "#a");
  CHECK(imported.records[1].source.origin == "c");
  CHECK(import("\xEF\xBB\xBF\"source\"" + kHeader.substr(6) + "a" + row).records.size() == 1);
}

TEST_CASE("SMs that the GPU does not have leave a row unmapped") {
  std::string rules = kRules;
  rules.replace(rules.find("\"time_us\": \"2 "), 0, "\"sms\": \"groups\", ");
  const auto why = [&](const std::string& sms) {
    const Imported imported = import(kHeader + "a,dense,," + sms + ",4096,7168,16384,,1520\n", rules);
    return imported.records.empty() ? imported.unmapped.at(0).why : "";
  };
  CHECK(why("132") == "");
  CHECK(why("") == "");  // not said
  for (const char* sms : {"0", "133", "1.5"}) CHECK(why(sms) == "not 1 to 132 SMs: \"groups\"");
}

TEST_CASE("a table that is broken says where") {
  CHECK(mistake("") == "t.csv: error: the table has no line that names its columns\n");
  CHECK(mistake("# only\n") == "t.csv: error: the table has no line that names its columns\n");
  CHECK(mistake(kHeader + "a,b\n") == "t.csv:3:1: error: a row of 2 fields in a table of 9 columns\n");
  CHECK(mistake(kHeader + "\"a\"b,\n") == "t.csv:2:4: error: a comma is wanted after the closing quote\n");
  CHECK(mistake(kHeader + "\"a\n\n") == "t.csv:4:1: error: the table ends within a quoted field\n");
  CHECK(mistake("source,library v,layout,groups,m,n,kk,Time (ns),tflop/s\n") ==
        "r.json:8:15: error: a rule names the column \"k\", which t.csv lacks\n"
        "  at /rows/0/shape\n"
        "  did you mean \"kk\"?\n"
        "r.json:11:15: error: a rule names the column \"k\", which t.csv lacks\n"
        "  at /rows/1/shape\n"
        "  did you mean \"kk\"?\n"
        "r.json:11:58: error: a rule names the column \"k\", which t.csv lacks\n"
        "  at /rows/1/time_us\n"
        "  did you mean \"kk\"?\n");
  CHECK(mistake(std::string(5000, ',')).find("t.csv:1:4096: error: a row of more than 4096 fields\n") == 0);
}

TEST_CASE("no row becomes a record that could not be read back") {
  const std::string row = ",dense,,,4096,7168,16384,,1520\n";
  CHECK(
      mistake(kHeader + row) ==
      "t.csv:3:1: error: the record of this row could not be read back: a measurement without its origin\n");
  std::string dated = kRules;
  dated.replace(dated.find("2025-02-27"), 10, "{source}");
  CHECK(mistake(kHeader + "27 Feb 2025" + row, dated) ==
        "t.csv:3:1: error: the record of this row could not be read back: wants a \"date\" as 2025-02-27, "
        "found "
        "\"27 Feb 2025\"\n");
  const Imported imported = import(kHeader + "caf\xE9" + row);  // Latin-1
  CHECK(imported.records.at(0).source.origin == "caf\xEF\xBF\xBD");
}

TEST_CASE("a record is handed on before the next row is read, so that any table takes its memory") {
  constexpr int kRows = 50'000;
  int read = -1, taken = 0, ahead_max = 0;
  TextSource source("t.csv", [&](char* buffer, std::size_t) {
    if (read == kRows) return std::size_t{0};
    const std::string line = read < 0 ? kHeader : "s,dense,,,4096,7168,16384,,1520\n";
    ++read;
    return line.copy(buffer, line.size());
  });
  const Summary summary = import_csv(source, parse_rules(kRules, "r.json"), [&](const records::Record&) {
    ahead_max = std::max(ahead_max, read - ++taken);
  });
  CHECK(summary.made == kRows);
  CHECK(taken == kRows);
  CHECK(ahead_max == 0);
}

TEST_CASE("flop, bytes and SMs name columns or the shape, as the time does") {
  for (const std::string what : {"flop", "bytes", "sms"}) {
    const auto rules = [&](const std::string& expression) {
      return R"({"source": {"origin": "o", "date": "2025-02-27"}, "device": {"name": "G", "sms": 1}, "rows": [
        {"family": "streaming", "op": "o", "library": "l", "shape": {"bytes": "columns"}, "time_us": "t",
         ")" +
             what + "\": \"" + expression + "\"}]}";
    };
    CHECK(mistake("columns,t\n", rules("bytes * columns")) == "");
    CHECK(mistake("columns,t\n", rules("bytes * column")) ==
          "r.json:3:" + std::to_string(14 + what.size()) +
              ": error: a rule names the column \"column\", which t.csv lacks\n"
              "  at /rows/0/" +
              what +
              "\n"
              "  did you mean \"columns\"?\n");
  }
}

TEST_CASE("a {column} that the table lacks is a mistake with its place, and so is one that does not close") {
  const std::string told = mistake("sourc,layout,library v,group,groups,m,n,k,Time (ns),tflop/s\n" +
                                   std::string("s,masked,1,4,4,1,1,1,1,1\n"));
  CHECK(told ==
        "r.json:2:45: error: a rule names the column \"source\", which t.csv lacks\n"
        "  at /source/origin\n"
        "  did you mean \"sourc\"?\n");
  const auto with = [](const std::string& from, const std::string& to) {
    std::string rules = kRules;
    return rules.replace(rules.find(from), from.size(), to);
  };
  CHECK(mistake(kHeader, with("masked {groups}", "{layout} of {group}")) ==
        "r.json:6:80: error: a rule names the column \"group\", which t.csv lacks\n"
        "  at /rows/0/op\n"
        "  did you mean \"groups\"?\n");
  CHECK(mistake(kHeader, with("DeepGEMM\", \"version", "{lib}\", \"version")) ==
        "r.json:7:17: error: a rule names the column \"lib\", which t.csv lacks\n"
        "  at /rows/0/library\n"
        "  did you mean \"library_v\"?\n");
  CHECK(mistake(kHeader, with("{library_v}", "{library v}")) ==
        "r.json:7:40: error: a rule names the column \"library v\", which t.csv lacks\n"
        "  at /rows/0/version\n"
        "  did you mean \"library_v\"?\n");
  CHECK(mistake(kHeader, with("2025-02-27", "{day}")) ==
        "r.json:2:65: error: a rule names the column \"day\", which t.csv lacks\n"
        "  at /source/date\n");
  CHECK(mistake(kHeader, with("masked {groups}", "masked {groups")) ==
        "r.json:6:80: error: \"masked {groups\": a {column} that does not close\n"
        "  at /rows/0/op\n");
}

TEST_CASE("two columns of one name are a mistake; columns without a name are nobody's") {
  CHECK(mistake("m,Time (ns),n,Time/ns\n") == "t.csv: error: columns 2 and 4 are both called \"Time_ns\"\n");
  CHECK(mistake(",," + kHeader) == "");
}

TEST_CASE("where no row has a time, its share is that of the rows") {
  const Imported none = import(kHeader + "s,other,,,,,,,\ns,dense,,,1,1,1,,\n");
  REQUIRE(none.unmapped.size() == 2);
  CHECK(none.share(none.unmapped[0]) == 0.5);
  const Imported some = import(kHeader + "s,other,,,,,,,\ns,masked,1,4,1,1,1,10,\n");
  CHECK(some.share(some.unmapped.at(0)) == 0.0);
}

}  // namespace
}  // namespace tideline::calib
