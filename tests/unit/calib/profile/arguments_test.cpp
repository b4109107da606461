#include "calib/profile/arguments.h"

#include <doctest/doctest.h>

#include "calib/profile/journal.h"

using namespace tideline::profile;

namespace {

std::string complaint(const std::vector<std::string>& words) {
  try {
    parse_arguments(words);
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("The first run is one command") {
  const Arguments a = parse_arguments({"--budget", "600", "--out", "h200.jsonl"});
  CHECK(a.budget_s == 600);
  CHECK(a.out == "h200.jsonl");
  CHECK(a.families.empty());
  CHECK(a.resume.empty());
}

TEST_CASE("Without --out records go to standard output, or on in the file that is resumed") {
  CHECK(parse_arguments({}).out == "-");
  CHECK(parse_arguments({"--resume", "a.jsonl"}).out == "a.jsonl");
  CHECK(parse_arguments({"--resume", "a.jsonl", "--out", "b.jsonl"}).out == "b.jsonl");
}

TEST_CASE("Families are named one by one") {
  CHECK(parse_arguments({"--families", "copy,layer"}).families == std::vector<std::string>{"copy", "layer"});
}

TEST_CASE("Every mistake is explained in a line") {
  CHECK(complaint({"--fast"}) == "unknown argument \"--fast\"; see --help");
  CHECK(complaint({"--out"}) == "--out wants a value; see --help");
  CHECK(complaint({"--budget", "ten"}) == "--budget: \"ten\" is not a number from 0");
  CHECK(complaint({"--budget", "-3"}) == "--budget: \"-3\" is not a number from 0");
  CHECK(complaint({"--device", "1.5"}) == "--device: \"1.5\" is not a number from 0");
  CHECK(complaint({"--families", "copy,,layer"}) ==
        "--families: there is no \"\"; there are launch, copy, dense_gemm, batched_gemm, bf16_gemm, layer, "
        "mla_prefill, grouped_gemm, dense_gemm_lent");
}
