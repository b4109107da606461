// Is every mistake in a trace explained? Each message word for word.
#include "tests/doctest.h"
#include "tests/unit/workload/trace_file.h"

namespace tideline::workload::traces {
namespace {

const std::string kHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
const std::string kGood = "2023-11-16 18:15:46.6805900,374,44\n";

struct Case {
  std::string text, message;
};

TEST_CASE("tables") {
  const std::vector<Case> cases = {
      {"", "trace: error: this trace is empty\n"},
      {"\n\n", "trace: error: this trace is empty\n"},
      {"TIMESTAMP,ContextToken,GeneratedTokens\n",
       "trace:1:1: error: the azure format wants the columns \"TIMESTAMP\", \"ContextTokens\" and "
       "\"GeneratedTokens\"; \"ContextTokens\" is missing\n  is it called \"ContextToken\" here?\n"},
      {kHeader + kGood + "2023-11-16 18:15:4",
       "trace:3:1: error: a row of 1 fields under 3 columns\n  is the file cut off here?\n"},
      {kHeader + "2023-11-16 18:15:46.6805900,nan,44\n",
       "trace:2:29: error: column \"ContextTokens\" wants a whole number, found \"nan\"\n"},
      {kHeader + "2023-11-16 18:15:46.6805900,37.5,44\n",
       "trace:2:29: error: column \"ContextTokens\" wants a whole number, found \"37.5\"\n"},
      {kHeader + "2023-11-16 18:15:46.6805900,,44\n",
       "trace:2:29: error: column \"ContextTokens\" wants a whole number, found \"\"\n"},
      {kHeader + "2023-11-16 18:15:46.6805900,-3,44\n",
       "trace:2:1: error: -3 tokens of input: wants 0 or more\n"},
      {kHeader + "2023-11-16 18:15:46.6805900,374,99999\n",
       "trace:2:1: error: 99999 tokens of output: wants at most 65536\n"},
      {kHeader + "2023-02-29 18:15:46,374,44\n",
       "trace:2:1: error: column \"TIMESTAMP\" wants a date such as \"2023-11-16 18:15:46.6805900\", found "
       "\"2023-02-29 18:15:46\"\n"},
      {kHeader + kGood + kGood + "2023-11-16 18:15:45.6805900,374,44\n",
       "trace:4:1: error: this request comes 1 s before the one above it\n  sort the trace by time\n"},
      {kHeader + "\"2023,1,2\n", "trace:2:1: error: a quoted field does not end on its line\n"},
      {kHeader + std::string("2023\0", 5) + "\n",
       "trace:2:5: error: this is not text: it holds a zero byte\n"},
      {"arrived_at,num_prefill_tokens,num_decode_tokens\ninf,1,2\n",
       "trace:2:1: error: column \"arrived_at\" wants seconds, fewer than 9,000,000,000, found \"inf\"\n"},
      {"arrived_at,num_prefill_tokens,num_decode_tokens\n1e99,1,2\n",
       "trace:2:1: error: column \"arrived_at\" wants seconds, fewer than 9,000,000,000, found \"1e99\"\n"},
      {"TIMESTAMP,ContextTokens,GeneratedTokens,CachedTokens\n2023-11-16 18:15:46,374,44,375\n",
       "trace:2:1: error: 375 tokens of cached input: wants at most 374\n"},
      {"\x1f\x8bgz", "trace: error: this trace is compressed\n  unpack it first\n"},
  };
  for (const Case& c : cases) CHECK(complaint(c.text) == c.message);
}

TEST_CASE("times that are told in another unit, or stand far from the others") {
  const std::string seconds = "arrived_at,num_prefill_tokens,num_decode_tokens\n";
  const auto line = [](const std::string& timestamp, const std::string& more = "") {
    return R"({"timestamp": )" + timestamp + R"(, "input_length": 6, "output_length": 5)" + more + "}\n";
  };
  const std::string unit = "\n  is its time in another unit than this format's?\n";
  const std::vector<Case> cases = {
      {seconds + "1732700000000,374,44\n",
       "trace:2:1: error: column \"arrived_at\" wants seconds, fewer than 9,000,000,000, found "
       "\"1732700000000\"\n  are these milliseconds or nanoseconds?\n"},
      {seconds + "1732700000.123456789,374,44\n", ""},
      {seconds + "-8.9e9,374,44\n8.9e9,374,44\n",
       "trace:3:1: error: this request comes 206019 days after the trace begins: it has at most 400" + unit},
      {kHeader + kGood + "2025-06-17 18:15:46,374,44\n",
       "trace:3:1: error: this request comes 579 days after the trace begins: it has at most 400" + unit},
      {line("0") + line("86400000000000"),
       "trace:2:1: error: \"timestamp\" wants a number of milliseconds, fewer than 9,000,000,000,000\n"},
      {line("1732700000000") + line("1732700000001"), ""},
      {line("5", R"(, "trace_begins": 6)"),
       "trace:1:1: error: this request comes 0.001 s before its trace begins\n"},
      {line("50025600000", R"(, "trace_begins": 0)"),
       "trace:1:1: error: this request comes 579 days after the trace begins: it has at most 400" + unit},
  };
  for (const Case& c : cases) CHECK(complaint(c.text) == c.message);
}

TEST_CASE("JSON lines") {
  const std::string good = R"({"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [0, 1]})";
  const std::vector<Case> cases = {
      {good + "\n" + good.substr(0, 50),
       "trace:2:50: error: broken JSON: it ends too early\n  is the file cut off here?\n"},
      {good + "\n" + R"({"timestamp": NaN})", "trace:2:15: error: broken JSON: \"N\" is not expected here\n"},
      {good + "\n[1, 2]\n", "trace:2:1: error: a line of this trace is a JSON object, one request\n"},
      {R"({"timestamp": 0, "input_len": 600, "output_length": 5})",
       "trace:1:1: error: this request lacks \"input_length\"\n  is it called \"input_len\" here?\n"},
      {R"({"timestamp": "now", "input_length": 600, "output_length": 5})",
       "trace:1:1: error: \"timestamp\" wants a number of milliseconds\n"},
      {R"({"timestamp": 0, "input_length": 6.5, "output_length": 5})",
       "trace:1:1: error: \"input_length\" wants a whole number of tokens\n"},
      {R"({"timestamp": 0, "input_length": -6, "output_length": 5})",
       "trace:1:1: error: -6 tokens of input: wants 0 or more\n"},
      {R"({"timestamp": 0, "input_length": 6, "output_length": 5, "hash_ids": [-1]})",
       "trace:1:1: error: \"hash_ids\" wants a list of whole numbers of 0 or more\n"},
      {R"({"timestamp": 0, "timestamp": 1, "input_length": 6, "output_length": 5})",
       "trace:1:1: error: \"timestamp\" stands twice\n"},
      {good + "\n" + R"({"timestamp": 1, "input_length": 6, "output_length": 5})",
       "trace:2:1: error: this request lacks \"hash_ids\", which others have\n"},
  };
  for (const Case& c : cases) CHECK(complaint(c.text) == c.message);
}

TEST_CASE("a line without end is refused, not read into memory") {
  CHECK(complaint(kHeader + std::string(5 << 20, 'x')) ==
        "trace:2:1: error: a line of more than 4 MiB\n  a trace has one request a line\n");
}

TEST_CASE("ShareGPT") {
  CHECK(complaint("[{]") == "trace:1:3: error: broken JSON: \"]\" is not expected here\n");
  CHECK(complaint("[]") ==
        "trace: error: no answers in it: ShareGPT is a list of {\"conversations\": [{\"from\": \"gpt\", "
        "\"value\": ...}]}\n");
}

TEST_CASE("whatever a few of its bytes become, a trace is read or refused, and refused with a message") {
  const std::vector<std::string> good = {
      kHeader + kGood + kGood,
      R"({"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [0, 1]})"
      "\n",
      "arrived_at,num_prefill_tokens,num_decode_tokens\n0.1,374,44\n4.4e0,\"396\",109\n",
      R"([{"conversations": [{"from": "human", "value": "1234"}, {"from": "gpt", "value": "12"}]}])",
  };
  const RandomStream words(5, 0, Purpose::kTrace);
  int refused = 0;
  for (std::size_t which = 0; which < good.size(); ++which)
    for (std::uint64_t n = 0; n < 300; ++n) {
      std::string text = good[which];
      for (std::uint64_t change = 0; change < 1 + n % 3; ++change) {
        const PhiloxBlock w = words.block(which * 1000 + n, change);
        const std::size_t at = w[0] % text.size();
        if (w[1] % 3 == 0)
          text.resize(at + 1);
        else
          text[at] = static_cast<char>(w[1] % 3 == 1 ? w[2] : "0-9\",{}[]:e.\n"[w[2] % 14]);
      }
      const std::string said = complaint(text);
      refused += !said.empty();
      CHECK((said.empty() || said.find(": error: ") != std::string::npos));
    }
  CHECK(refused > 300);
}

TEST_CASE("what a scenario says of a trace and the trace itself have to agree") {
  const TraceFile file(
      R"({"timestamp": 0, "input_length": 210, "output_length": 5, "hash_ids": [1, 2, 3, 4]})");
  const auto said = [&](const std::string& path, const std::string& more) {
    try {
      load_of(path, more);
    } catch (const InputError& e) {
      return file.without_folder(e.what());
    }
    return std::string();
  };
  CHECK(said(file.path(), "") ==
        "trace:1:1: error: a prompt of 210 tokens in 4 blocks: of 512 tokens it has 1\n"
        "  \"block_tokens\" of the trace says how long its blocks are\n");
  CHECK(said(file.path(), R"(, "block_tokens": 64)").empty());
  CHECK(said(file.path(), R"(, "block_tokens": 64, "classes": ["chat"])") ==
        "trace:1:1: error: a request of class \"\", which \"classes\" does not name\n");
  CHECK(said(file.path(), R"(, "block_tokens": 64, "rate": 0)") ==
        "test.json:1:" + std::to_string(file.path().size() + 52) +
            ": error: wants a rate above 0\n  at /trace/rate\n");
  const auto rate = [&](const std::string& more) {
    const std::string text = said(file.path(), R"(, "block_tokens": 64, "rate": )" + more);
    return text.substr(std::min(text.find("error: "), text.size()));
  };
  const std::string at = "\n  at /trace/rate\n", compressed = R"(, "scale_by": "compression")";
  CHECK(rate("1e-7") == "error: 1e-07 times the trace's own rate: wants 1e-06 to 1000000" + at);
  CHECK(rate("1e7" + compressed) == "error: 1e+07 times the trace's own rate: wants 1e-06 to 1000000" + at);
  CHECK(rate("1e6" + compressed).empty());
  CHECK(said("/nowhere/trace", "") == "/nowhere/trace: error: this trace cannot be read\n");
}

TEST_CASE("the prefix cache counts the blocks of the trace, as long as they are there") {
  const TraceFile file(
      R"({"timestamp": 0, "input_length": 210, "output_length": 5, "hash_ids": [1, 2, 3, 4]})");
  const auto caching = [&](const std::string& more) {
    const auto document = config::Document::parse(
        R"({"trace": {"file": ")" + file.path() +
            R"(", "block_tokens": 64}, "prefix_cache": {"kind": "lru", "capacity": "6400 tok")" + more + "}}",
        "test.json");
    const PrefixCaching c = read_workload(document.root(), 0).prefix_caching;
    document.finish();
    return c;
  };
  for (const std::string same : {"", R"(, "block_tokens": 64)"}) {
    CHECK(caching(same).block_tokens == 64);
    CHECK(caching(same).capacity_blocks() == 100);
  }
  std::string said;
  try {
    caching(R"(, "block_tokens": 512)");
  } catch (const InputError& e) {
    said = e.what();
  }
  CHECK(said.substr(std::min(said.find("error: "), said.size())) ==
        "error: the hashes of this trace are of blocks of 64 tokens\n  at /prefix_cache/block_tokens\n"
        "  leave it out: \"trace.block_tokens\" says how long the blocks of a trace are\n");
}

}  // namespace
}  // namespace tideline::workload::traces
