#include <fstream>
#include <iterator>

#include "calib/records/merge.h"
#include "calib/records/read.h"
#include "calib/records/schema.h"
#include "calib/records/write.h"
#include "sim/base/error.h"
#include "tests/doctest.h"

namespace tideline::records {
namespace {

Record gemm() {
  Record r;
  r.family = "dense_gemm_fp8", r.op = "o_proj";
  r.shape = {{"m", 4096}, {"n", 7168}, {"k", 16384}};
  r.dtype = {{"a", "e4m3"}, {"b", "e4m3"}, {"out", "bf16"}};
  r.includes = {"product"};
  r.device.name = "NVIDIA H800", r.device.sms = 132;
  r.impl.library = "cuBLASLt", r.impl.version = "13.1.0.3";
  r.method.mode = "graph";
  r.time_us.n = 20, r.time_us.median = 885.0, r.time_us.p10 = 880.0, r.time_us.p90 = 895.5;
  r.source.origin = "calib/profile", r.source.date = "2025-11-26";
  return r;
}

const char* const kLine =
    R"({"schema":1,"family":"dense_gemm_fp8","op":"o_proj","shape":{"k":16384,"m":4096,"n":7168},)"
    R"("dtype":{"a":"e4m3","b":"e4m3","out":"bf16"},"includes":["product"],)"
    R"("device":{"name":"NVIDIA H800","sms":132},"impl":{"library":"cuBLASLt","version":"13.1.0.3"},)"
    R"("method":{"mode":"graph","l2":"unknown","data":"unknown"},)"
    R"("time_us":{"n":20,"p10":880,"median":885,"p90":895.5},"company":{"kind":"alone"},)"
    R"("source":{"kind":"measured","origin":"calib/profile","date":"2025-11-26"}})"
    "\n";

std::string changed(const std::string& from, const std::string& to) {
  std::string line = kLine;
  const std::size_t at = line.find(from);
  REQUIRE(at != std::string::npos);
  return line.replace(at, from.size(), to);
}

std::string mistakes(const std::string& text) {
  try {
    (void)parse_records(text, "r.jsonl");
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

TEST_CASE("a record is one line, and what was written is what is read") {
  CHECK(to_line(gemm()) == kLine);
  const std::vector<Record> read = parse_records(std::string("\n") + kLine + "\n", "r.jsonl");
  REQUIRE(read.size() == 1);
  CHECK(to_line(read[0]) == kLine);
}

TEST_CASE("every field and every kind of number survives writing and reading") {
  Record r = gemm();
  r.op = "quotes \" and \\, a line\nend, a tab\t, \x01, \xc3\xa9";
  r.layout = "contiguous";
  r.time_us.median = 0.1 + 0.2, r.time_us.p10 = 1e-9, r.time_us.p90 = 12345678.901234567;
  r.device.mig = false, r.device.memory_mhz = 2619.5, r.device.l2_bytes = 52428800;
  r.state.sm_mhz_median = 1755, r.state.sentinel = true, r.state.throttle_bits = 4;
  r.quality = {true, false, 1e-3, "close"};
  r.work = {9.62e11, 2.3e8};
  r.company = {"beside", 0.99, 0.0};
  r.run = {"run 1", "2025-11-26T00:00:00Z", "5f"};
  r.libraries = {{"cudnn", "9.19"}};
  const std::string line = to_line(r);
  const std::vector<Record> read = parse_records(line, "r.jsonl");
  REQUIRE(read.size() == 1);
  CHECK(to_line(read[0]) == line);
  CHECK(read[0].op == r.op);
  CHECK(read[0].time_us.median == r.time_us.median);
}

TEST_CASE("a mistake is placed by line, column and pointer, with what is wanted") {
  CHECK(mistakes("\n" + changed("\"dense_gemm_fp8\"", "\"dense_gem_fp8\""))
            .find("r.jsonl:2:22: error: unknown name \"dense_gem_fp8\": wants one of ") == 0);
  CHECK(mistakes(changed("\"dense_gemm_fp8\"", "\"dense_gem_fp8\""))
            .find("  at /family\n  did you mean \"dense_gemm_fp8\"?\n") != std::string::npos);
  CHECK(mistakes(changed("\"sms\":132", "\"smss\":132")) ==
        "r.jsonl:1:168: error: key \"sms\" is missing: wants a whole number of 0 or more\n"
        "  at /device/sms\n"
        "r.jsonl:1:190: error: unknown key \"smss\"\n"
        "  at /device/smss\n"
        "  did you mean \"sms\"?\n");
  CHECK(mistakes(changed("\"median\":885", "\"median\":null")) ==
        "r.jsonl:1:347: error: wants a number, found null\n"
        "  at /time_us/median\n");
  CHECK(
      mistakes(changed("\"median\":885", "\"median\":NaN")) ==
      "r.jsonl:1:347: error: broken JSON: 'NaN' is not a value: text stands in double quotes; the others are "
      "numbers, true, false, null, objects and lists\n");
  CHECK(mistakes(changed("\"k\":16384,", "")) ==
        "r.jsonl:1:61: error: a dense_gemm_fp8 is measured by m, n, k; \"k\" is missing\n"
        "  at /shape\n");
  CHECK(mistakes(changed("\"p10\":880", "\"p10\":886")) ==
        "r.jsonl:1:320: error: wants 0 <= min <= p10 <= median <= p90 <= max\n"
        "  at /time_us\n");
  CHECK(mistakes(changed("\"p10\":880,\"median\":885", "\"median\":0")) ==
        "r.jsonl:1:337: error: wants a time above 0, found 0\n"
        "  at /time_us/median\n");
  CHECK(mistakes(changed("\"m\":4096", "\"m\":0")) ==
        "r.jsonl:1:76: error: wants a whole number of 1 or more, found 0\n"
        "  at /shape/m\n");
  CHECK(mistakes(changed("2025-11-26", "26.11.2025")) ==
        "r.jsonl:1:400: error: wants a \"date\" as 2025-02-27, found \"26.11.2025\"\n"
        "  at /source\n");
  for (const std::string date : {"2025-13-45", "2025-04-31", "2025-02-29", "2025-00-01"})
    CHECK(mistakes(changed("2025-11-26", date)) ==
          "r.jsonl:1:400: error: wants a \"date\" as 2025-02-27, found \"" + date + "\"\n  at /source\n");
  CHECK(mistakes(changed("2025-11-26", "2024-02-29")) == "");
  CHECK(mistakes(changed("\"company\"", "\"work\":{\"bytes\":-1},\"company\"")) ==
        "r.jsonl:1:380: error: wants a number of 0 or more, found -1\n"
        "  at /"
        "work/bytes\n");
  CHECK(mistakes(changed("\"p10\":880", "\"sd\":-1,\"p10\":880")) ==
        "r.jsonl:1:333: error: wants a number of 0 or more, found -1\n"
        "  at /time_us/sd\n");
  CHECK(mistakes(changed("13.1.0.3\"", "13.1.0.3\",\"sms\":133")) ==
        "r.jsonl:1:257: error: wants 1 to the 132 SMs of the device, found 133\n"
        "  at /impl/sms\n");
  CHECK(mistakes(changed("{\"kind\":\"alone\"}", "{\"kind\":\"alone\",\"compute\":0.5}")) ==
        "r.jsonl:1:374: error: \"alone\" beside others for 0.5 of the time: less than 0.02 is wanted\n"
        "  at /company\n");
  CHECK(mistakes(changed("{\"kind\":\"alone\"}", "{\"kind\":\"alone\",\"communication\":0.019}")) == "");
  CHECK(mistakes(changed("\"schema\":1", "\"schema\":2")) ==
        "r.jsonl:1:11: error: records of schema 2; this program reads schema 1\n"
        "  at /schema\n");
}

TEST_CASE("a file that is not there, or is a folder, is said to be unreadable; an empty one has no records") {
  for (const std::string file : {"no/such.jsonl", "."})
    CHECK_THROWS_WITH_AS((void)read_records(file),
                         (file + ": error: this file of records cannot be read\n").c_str(), InputError);
  CHECK(read_records("/dev/null").empty());
}

TEST_CASE("mistakes of every line are reported, and a broken line does not hide the next") {
  CHECK(mistakes("[1]\n" + changed("\"n\":20", "\"n\":0") + "{\n").find("\nr.jsonl:3:") != std::string::npos);
  CHECK(mistakes("nonsense\n").find("r.jsonl:1:1: error: broken JSON: ") == 0);
}

TEST_CASE("records merge only where the timed region, the way of timing and the company are the same") {
  const auto differs = [](auto change) {
    Record other = gemm();
    change(other);
    return merge({gemm(), other}).size() == 2;
  };
  CHECK(differs([](Record& r) { r.includes = {"quantise", "product"}; }));
  CHECK(differs([](Record& r) { r.method.mode = "cold"; }));
  CHECK(differs([](Record& r) { r.method.l2 = "warm"; }));
  CHECK(differs([](Record& r) { r.method.data = "zeros"; }));
  CHECK(differs([](Record& r) { r.company.kind = "beside"; }));
  CHECK(differs([](Record& r) { r.shape["m"] = 8192; }));
  const auto beside = [](double communication, double compute) {
    Record r = gemm();
    r.company = {"beside", communication, compute};
    return r;
  };
  CHECK(merge({beside(1.0, 1.0), beside(0.0, 1.0)}).size() == 2);
  CHECK(merge({beside(1.0, 1.0), beside(0.99, 0.5)}).size() == 1);
  CHECK(merge({beside(1.0, 1.0), beside(1.0, 0.0)}).size() == 2);
  CHECK(beside_all_to_all(beside(0.99, 0.01)));
  CHECK_FALSE(beside_all_to_all(beside(1.0, 0.02)));
  CHECK(differs([](Record& r) { r.dtype["out"] = "f32"; }));
  CHECK(differs([](Record& r) { r.layout = "masked"; }));
  CHECK(differs([](Record& r) { r.impl.library = "DeepGEMM"; }));
  CHECK(differs([](Record& r) { r.impl.version = "14.0"; }));
  CHECK(differs([](Record& r) { r.impl.sms = 112; }));
  CHECK(differs([](Record& r) { r.device.name = "NVIDIA H200"; }));
  CHECK_FALSE(differs([](Record& r) { r.impl.version = "13.2"; }));
  CHECK_FALSE(differs([](Record& r) { r.op = "another name for it"; }));
  CHECK_FALSE(differs([](Record& r) { r.run.id = "another run"; }));
}

TEST_CASE(
    "the order of what a region includes does not matter; kernels that stream are told apart by their op") {
  Record a = gemm(), b = gemm();
  a.includes = {"quantise", "product"}, b.includes = {"product", "quantise"};
  CHECK(merge_key(a) == merge_key(b));
  a.family = b.family = "streaming";
  b.op = "rope";
  CHECK(merge_key(a) != merge_key(b));
}

TEST_CASE("runs merge by the median of their medians, and their spread adds to the spread within") {
  Record a = gemm(), b = gemm(), c = gemm(), bad = gemm();
  a.time_us = {.n = 20, .median = 100.0, .min = 90.0, .p10 = 100.0, .p90 = 100.0, .max = 120.0};
  b.time_us = {.n = 30, .median = 110.0, .min = 95.0, .p10 = 110.0, .p90 = 110.0, .max = 150.0};
  c.time_us = {.n = 10, .median = 400.0, .min = 399.0, .p10 = 400.0, .p90 = 400.0, .max = 401.0};
  bad.time_us.median = 1.0, bad.quality.ok = false;
  const std::vector<Merged> merged = merge({a, b, c, bad});
  REQUIRE(merged.size() == 1);
  CHECK(merged[0].runs == 3);
  CHECK(merged[0].record.time_us.n == 60);
  CHECK(merged[0].record.time_us.median == 110.0);
  CHECK(*merged[0].record.time_us.min == 90.0);
  CHECK(*merged[0].record.time_us.max == 401.0);
  CHECK(merged[0].log_sd == testing::about(0.7738, 1e-3));  // sd of ln 100, ln 110, ln 400
}

TEST_CASE("the JSON schema beside the sources is that of the header") {
  std::ifstream in(TIDELINE_SOURCE_DIR "/calib/records/record.schema.json", std::ios::binary);
  CHECK(std::string{std::istreambuf_iterator<char>(in), {}} == json_schema());
}

}  // namespace
}  // namespace tideline::records
