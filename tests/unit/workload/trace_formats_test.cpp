// What does each trace format say? Times, tokens, blocks and classes of a few rows each, as published.
#include "tests/doctest.h"
#include "tests/unit/workload/trace_file.h"

namespace tideline::workload::traces {
namespace {

const std::string kAzure =
    "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    "2023-11-16 18:15:46.6805900,374,44\n"
    "2023-11-16 18:15:50.9951690,396,109\n";

TEST_CASE("Azure: times to the last 100 ns, context and generated tokens") {
  const auto rows = rows_of(kAzure);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].at_ns - rows[0].at_ns == 4'314'579'000);
  CHECK(rows[0].input == 374);
  CHECK(rows[0].output == 44);
  CHECK(rows[0].cached == 0);
}

TEST_CASE("Azure 2024: a time zone behind the time") {
  const auto rows = rows_of(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.009930+00:00,2162,5\n"
      "2024-05-10 08:00:00.010930+08:00,2399,6\n");
  CHECK(rows[1].at_ns - rows[0].at_ns == 1'000'000);
}

TEST_CASE("Windows line ends, a byte order mark, quotes, more columns in another order: the same rows") {
  const auto plain = rows_of(kAzure);
  const auto other = rows_of(
      "\xef\xbb\xbfModel,GeneratedTokens,TIMESTAMP,\"ContextTokens\"\r\n"
      "\"x, or \"\"y\"\"\",44,2023-11-16 18:15:46.6805900,374\r\n\r\n"
      "z,109,\"2023-11-16 18:15:50.9951690\",396.0");
  REQUIRE(other.size() == plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    CHECK(other[i].at_ns == plain[i].at_ns);
    CHECK(other[i].input == plain[i].input);
    CHECK(other[i].output == plain[i].output);
  }
}

TEST_CASE("Mooncake: milliseconds, lengths, and the chain of blocks") {
  const auto rows = rows_of(
      R"({"timestamp": 0, "input_length": 600, "output_length": 500, "hash_ids": [0, 18446744073709551615]})"
      "\n"
      R"({"timestamp": 3000.000001, "input_length": 512, "output_length": 7, "hash_ids": [0], )"
      R"("other": {"a": [1]}})"
      "\n");
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].at_ns == 3'000'000'001);
  CHECK(rows[0].blocks == std::vector<std::uint64_t>{0, 18446744073709551615u});
  CHECK(rows[1].blocks == std::vector<std::uint64_t>{0});
  CHECK(rows[1].output == 7);
}

TEST_CASE("BurstGPT: seconds, its log as the class, failed calls left out") {
  const TraceFile file(
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
      "5,ChatGPT,472,18,490,Conversation log\n"
      "45,ChatGPT,1087,0,1087,API log\n"
      "118,GPT-4,417,276,693,API log\n");
  const auto reader = open_trace(file.path(), {});
  const auto rows = rows_of(*reader);
  REQUIRE(rows.size() == 2);
  CHECK(reader->empty_rows() == 1);
  CHECK(rows[1].at_ns == 118'000'000'000);
  CHECK(rows[1].class_name == "API log");
}

TEST_CASE("Vidur and SplitwiseSim: seconds by other names") {
  const auto vidur =
      rows_of("arrived_at,num_prefill_tokens,num_decode_tokens\n0.1,374,44\n4.4145790,396,109\n");
  REQUIRE(vidur.size() == 2);
  CHECK(vidur[1].at_ns == 4'414'579'000);
  const auto splitwise = rows_of(
      "request_id,request_type,application_id,arrival_timestamp,batch_size,prompt_size,token_size\n"
      "0,0,2,1e-3,1,100,200\n");
  REQUIRE(splitwise.size() == 1);
  CHECK(splitwise[0].at_ns == 1'000'000);
  CHECK(splitwise[0].input == 100);
  CHECK(splitwise[0].output == 200);
}

TEST_CASE(
    "ShareGPT: one request an answer, its prompt all that was said before; tokens by bytes or as told") {
  const TraceFile file(R"([
    {"id": "a", "conversations": [{"from": "human", "value": "12345678"}, {"from": "gpt", "value": "1234"},
                                  {"from": "human", "value": "12"},
                                  {"from": "gpt", "tokens": 9, "value": "x"}]},
    {"id": "b", "conversations": [{"from": "gpt", "value": "nobody asked"}]}])");
  const auto reader = open_trace(file.path(), {.format = "sharegpt", .bytes_per_token = 4.0});
  CHECK_FALSE(reader->traits().has_times);
  const auto rows = rows_of(*reader);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].input == 2);
  CHECK(rows[0].output == 1);
  CHECK(rows[1].input == 4);
  CHECK(rows[1].output == 9);
}

TEST_CASE("a format that is named is not guessed") {
  const TraceFile file("a,b\n1,2\n");
  CHECK_THROWS_AS(open_trace(file.path(), {.format = "vidur"}), InputError);
  CHECK(guess_format(TraceFile("  [\n]").path()) == "sharegpt");
}

}  // namespace
}  // namespace tideline::workload::traces
