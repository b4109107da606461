#include "calib/fit/from_records.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "calib/fit/fit_gpu.h"
#include "calib/inspect/inspect.h"
#include "calib/records/read.h"
#include "sim/base/error.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::calib {
namespace {

const catalog::Gpu& h800() {
  static const catalog::Gpu gpu = catalog::load_gpu("h800");
  return gpu;
}

// The output projection of 512 rows: 117 us in the table.
records::Record product(double us) {
  records::Record r;
  r.family = "dense_gemm_fp8", r.op = "o_proj";
  r.shape = {{"m", 512}, {"n", 7168}, {"k", 16384}};
  r.dtype = {{"a", "e4m3"}, {"b", "e4m3"}};
  r.includes = {"product"};
  r.device.name = "NVIDIA H800", r.device.sms = 132;
  r.impl.library = "DeepGEMM", r.impl.version = "2.1";
  r.method.mode = "published";
  r.time_us.n = 1, r.time_us.median = us;
  r.source.origin = "a run", r.source.date = "2026-01-01";
  return r;
}

template <class Change>
std::string left_out(Change change) {
  records::Record r = product(117);
  change(r);
  const FromRecords read = from_records({r}, h800());
  CHECK(read.families.empty() == !read.left_out.empty());
  return read.left_out.empty() ? "" : read.left_out.begin()->first;
}

TEST_CASE("a record that times what the table does is a measurement of its family, at its place") {
  const FromRecords read = from_records({product(117), product(121)}, h800());
  REQUIRE(read.families.size() == 1);
  const auto& [family, measured] = *read.families.begin();
  CHECK(family == kernels::FamilyId::kDenseGemm);
  REQUIRE(measured.size() == 1);  // two runs of one measurement
  CHECK(measured[0].at.a == 7168);
  CHECK(measured[0].at.b == 16384);
  CHECK(measured[0].at.x == 512);
  CHECK(measured[0].library == "DeepGEMM v2");  // the label of the table's rows
  CHECK(measured[0].time.value() == testing::about(119e-6));
  CHECK(read.left_out.empty());
}

TEST_CASE("ways of timing stand side by side, as versions do") {
  records::Record graph = product(110);
  graph.method.mode = "graph", graph.method.l2 = "rotated";
  const FromRecords read = from_records({product(117), graph}, h800());
  const auto& measured = read.families.at(kernels::FamilyId::kDenseGemm);
  REQUIRE(measured.size() == 2);
  CHECK(measured[1].library == "DeepGEMM v2, graph, L2 rotated");
}

TEST_CASE("so do those of a kernel that streams, which its op names") {
  const auto norm = [](const std::string& mode, const std::string& l2) {
    records::Record r = product(20);
    r.family = "streaming", r.op = "norm", r.includes = {"norm"}, r.dtype = {};
    r.shape = {{"bytes", 1 << 20}};
    r.method.mode = mode, r.method.l2 = l2;
    return r;
  };
  const FromRecords read =
      from_records({norm("published", "cold"), norm("cold", "cold"), norm("graph", "rotated")}, h800());
  std::vector<std::string> labels;
  for (const Record& r : read.families.at(kernels::FamilyId::kStreaming)) labels.push_back(r.library);
  CHECK(labels == std::vector<std::string>{"norm", "norm, cold, L2 cold", "norm, graph, L2 rotated"});
}

TEST_CASE("what times something else is left out, and says why") {
  CHECK(left_out([](auto& r) { r.includes.emplace_back("quantise"); }) ==
        "dense_gemm_fp8: the timed region includes product + quantise, in the tables of this family product");
  CHECK(left_out([](auto& r) { r.impl.sms = 112; }) == "dense_gemm_fp8: given 112 of 132 SMs");
  CHECK(left_out([](auto& r) {
          r.family = "batched_gemm_bf16", r.dtype = {}, r.impl.sms = 66;
          r.shape = {{"batch", 128}, {"m", 64}, {"n", 128}, {"k", 512}};
        }) == "batched_gemm_bf16: given 66 of 132 SMs");
  CHECK(left_out([](auto& r) { r.dtype["a"] = "bf16"; }) == "dense_gemm_fp8: operands of bf16");
  CHECK(left_out([](auto& r) { r.method.l2 = "warm"; }) ==
        "dense_gemm_fp8: operands warm in the L2, in the tables cold");
  CHECK(left_out([](auto& r) { r.method.data = "zeros"; }) ==
        "timed on zeros, which take less power than data");
  CHECK(left_out([](auto& r) { r.company.kind = "partly"; }) ==
        "partly beside others: neither alone nor a factor of contention");
  CHECK(left_out([](auto& r) { r.family = "collective"; }) == "collective: no family that is fitted");
}

TEST_CASE(
    "attention other than the table's, one prompt with values of 64 columns less than keys, is left out") {
  const auto prefill = [](std::int64_t batch, std::int64_t d_v) {
    return [=](auto& r) {
      r.family = "prefill_attention_bf16", r.includes = {"attention core"}, r.dtype = {{"a", "bf16"}};
      r.shape = {{"batch", batch}, {"tokens", 1024}, {"heads", 128}, {"d_qk", 192}, {"d_v", d_v}};
    };
  };
  CHECK(left_out(prefill(4, 128)) == "prefill_attention_bf16: 4 prompts in one launch, in the tables one");
  CHECK(left_out(prefill(1, 192)) ==
        "prefill_attention_bf16: d_v 192 beside d_qk 192, in the tables 64 less");
  records::Record r = product(117);
  prefill(1, 128)(r);
  CHECK(from_records({r}, h800()).families.contains(kernels::FamilyId::kPrefillAttention));
}

TEST_CASE("a record of another GPU, of another card of its name or of a part of one, is refused") {
  const auto mistake = [](auto change) {
    records::Record r = product(117);
    change(r.device);
    try {
      (void)from_records({r}, h800());
    } catch (const InputError& e) {
      return e.problems().front().message;
    }
    return std::string();
  };
  CHECK(mistake([](auto& device) { device.name = "NVIDIA H100 80GB HBM3"; }) ==
        "a record of \"o_proj\" is of \"NVIDIA H100 80GB HBM3\" with 132 SMs, the fit is of \"h800\" with "
        "132 SMs");
  CHECK(
      mistake([](auto& device) { device.name = "NVIDIA H800 PCIe", device.sms = 114; }) ==
      "a record of \"o_proj\" is of \"NVIDIA H800 PCIe\" with 114 SMs, the fit is of \"h800\" with 132 SMs");
  CHECK(mistake([](auto& device) { device.mig = true; }) ==
        "a record of \"o_proj\" is of \"NVIDIA H800\" with 132 SMs, a part of a card (MIG), the fit is of "
        "\"h800\" "
        "with 132 SMs");
  CHECK(mistake([](auto& device) { device.mig = false; }) == "");
}

TEST_CASE("the same kernel alone and beside an all-to-all is a pair of contention") {
  records::Record beside = product(130);
  beside.company.kind = "beside";
  const FromRecords read = from_records({product(117), beside}, h800());
  REQUIRE(read.pairs.size() == 1);
  CHECK(read.pairs[0].bound == "tensor");
  CHECK(read.pairs[0].beside_us / read.pairs[0].alone_us == testing::about(130.0 / 117.0));
  CHECK(read.families.at(kernels::FamilyId::kDenseGemm).size() == 1);  // the one alone
}

TEST_CASE("beside other kernels, or never recorded alone, a kernel is no pair, and says why") {
  const auto beside = [](double us, double communication, double compute) {
    records::Record r = product(us);
    r.company = {"beside", communication, compute};
    return r;
  };
  const std::map<std::string, int> no_factor{
      {"beside other kernels than an all-to-all, or beside them too: no factor of contention", 1}};
  for (const auto& other : {beside(130, 0.5, 1.0), beside(460, 1.0, 1.0), beside(130, 1.0, 0.02)}) {
    const FromRecords computing = from_records({product(117), other}, h800());
    CHECK(computing.pairs.empty());
    CHECK(computing.left_out == no_factor);
  }

  const FromRecords both =
      from_records({product(117), beside(460, 1.0, 1.0), beside(130, 1.0, 0.01)}, h800());
  REQUIRE(both.pairs.size() == 1);
  CHECK(both.pairs[0].beside_us == 130.0);
  CHECK(both.left_out == no_factor);

  const FromRecords lone = from_records({beside(130, 1.0, 0.0), beside(130, 1.0, 0.0)}, h800());
  CHECK(lone.pairs.empty());
  CHECK(lone.left_out == std::map<std::string, int>{{"beside an all-to-all, but never recorded alone", 2}});
}

TEST_CASE("a factor of contention that cannot be is none") {
  records::Record alone = product(1000), beside = product(400);
  for (records::Record* r : {&alone, &beside}) r->family = "dense_gemm_fp8_backward";  // of no known work
  beside.company.kind = "beside";
  const FromRecords read = from_records({alone, beside}, h800());
  CHECK(read.pairs.empty());
  CHECK(read.left_out.contains(
      "beside an all-to-all, in less than half or more than 100 times its time alone: one of them in another "
      "unit?"));
}

// A record of another family than product()'s, alone in a file: why it is left out; empty: it is not.
std::string left_out_of(const std::string& family, const records::Wholes& shape, const records::Texts& dtype,
                        double us) {
  records::Record r = product(us);
  r.family = family, r.shape = shape, r.dtype = dtype;
  r.includes = {family.find("gemm") == family.npos ? "attention core" : "product"};
  const FromRecords read = from_records({r}, h800());
  CHECK(read.families.empty() == !read.left_out.empty());
  return read.left_out.empty() ? "" : read.left_out.begin()->first;
}

TEST_CASE("a shape that the coordinates of its family take for another is left out") {
  const std::string mla = "mla_decode_bf16";
  const auto decode = [&](std::int64_t q_tokens, const records::Wholes& more, const records::Texts& dtype) {
    records::Wholes shape{{"requests", 64}, {"q_tokens", q_tokens}, {"kv_tokens", 4096}, {"heads", 128}};
    shape.insert(more.begin(), more.end());
    return left_out_of(mla, shape, dtype, 200);
  };
  CHECK(decode(1, {{"d_qk", 576}, {"d_v", 512}}, {{"q", "bf16"}, {"kv", "bf16"}}) == "");
  CHECK(decode(2, {}, {}) == "mla_decode_bf16: 2 query tokens a request, in the tables one");
  CHECK(decode(1, {{"d_qk", 320}}, {}) == "mla_decode_bf16: d_qk 320, in the tables 576");
  CHECK(decode(1, {}, {{"kv", "e4m3"}}) == "mla_decode_bf16: operands of e4m3");
  CHECK(decode(1, {{"splits", 4}}, {}) ==
        "mla_decode_bf16: its shape has \"splits\", which the family is not measured by");

  const auto batched = [](std::int64_t n, std::int64_t k) {
    return left_out_of("batched_gemm_bf16", {{"batch", 128}, {"m", 512}, {"n", n}, {"k", k}}, {}, 100);
  };
  CHECK(batched(512, 128) == "");
  CHECK(batched(128, 512) == "");
  CHECK(batched(256, 256) == "batched_gemm_bf16: n 256 and k 256, in the tables one of them 128");

  const auto grouped = [](std::int64_t groups, std::int64_t rows) {
    return left_out_of("grouped_gemm_fp8_masked",
                       {{"groups", groups}, {"rows", rows}, {"n", 4096}, {"k", 7168}}, {}, 200);
  };
  CHECK(grouped(16, 16) == "");
  CHECK(grouped(16, 15) ==
        "grouped_gemm_fp8_masked: fewer rows than groups, so that some weights are not read");

  const records::Wholes cached{
      {"tokens", 4096}, {"heads", 128}, {"d_qk", 192}, {"d_v", 128}, {"cached", 8192}};
  CHECK(left_out_of("prefill_attention_bf16", cached, {}, 4000) ==
        "prefill_attention_bf16: its shape has \"cached\", which the family is not measured by");
}

TEST_CASE("a result of another type is left out where it is much of the work") {
  const auto gate = [](std::int64_t n, std::int64_t bytes_out) {
    return left_out_of("gemm_bf16", {{"m", 4096}, {"n", n}, {"k", 7168}, {"bytes_out", bytes_out}},
                       {{"a", "bf16"}, {"b", "bf16"}}, 45.0 * static_cast<double>(n) / 256.0);
  };
  CHECK(gate(256, 4) == "");
  CHECK(gate(129280, 2) == "");
  CHECK(gate(129280, 4) == "gemm_bf16: a result of another type, in the tables BF16");
  CHECK(left_out([](auto& r) { r.dtype["out"] = "f32"; }) ==
        "dense_gemm_fp8: a result of another type, in the tables BF16");
}

TEST_CASE("a time that its shape cannot take is left out, with the unit that it may be in") {
  const auto why = [](double us) { return left_out([&](auto& r) { r.time_us.median = us; }); };
  const std::string quick = "dense_gemm_fp8: less than half of what its roofline takes, or than 0.5 us: ";
  CHECK(why(0.117) == quick + "milliseconds, taken for microseconds?");
  CHECK(why(117e-6) == quick + "seconds, taken for microseconds?");
  CHECK(why(20) == quick + "of another shape?");
  const std::string slow = "dense_gemm_fp8: more than 100 times what its roofline and 10 us take: ";
  CHECK(why(117e3) == slow + "nanoseconds, taken for microseconds?");
  CHECK(why(1e300) == slow + "of many launches, or of another shape?");
  CHECK(why(5000) == "");
}

TEST_CASE("an impossible time does not move the runs that it would be merged with") {
  const FromRecords read = from_records({product(0.117), product(117)}, h800());
  const auto& measured = read.families.at(kernels::FamilyId::kDenseGemm);
  REQUIRE(measured.size() == 1);
  CHECK(measured[0].time.value() == doctest::Approx(117e-6));
  CHECK(read.left_out.size() == 1);
  records::Record beside = product(0.130);
  beside.company.kind = "beside";
  CHECK(from_records({product(117), beside}, h800()).pairs.empty());
}

// A file of records; removed when it goes.
struct File {
  std::string name = testing::scratch("from_records.jsonl").string();
  explicit File(const std::vector<records::Record>& all) { std::ofstream(name) << records::to_lines(all); }
  ~File() { std::remove(name.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

TEST_CASE("a fit that came to no number is refused at its place, and never written") {
  const double nan = std::nan("");
  CHECK(fitted_text({{"sigma", 0.5}, {"n", 3}}, "h800.json") == "{\n  \"sigma\": 0.5,\n  \"n\": 3\n}\n");
  CHECK_THROWS_WITH_AS(
      (void)fitted_text({{"families", {{"streaming", {{"backbone", {{"ec", nan}}}}}}}}, "h800.json"),
      "h800.json: error: the fit came to no finite number here, and is not written\n"
      "  at /families/streaming/backbone/ec\n"
      "  look for times and shapes far from all others among its measurements\n",
      InputError);
}

double fitted_us(const nlohmann::ordered_json& fitted, std::int64_t a, std::int64_t b, double x) {
  const auto& s = fitted["families"]["dense_gemm_fp8"]["samples"];
  for (std::size_t i = 0; i < s["a"].size(); ++i)
    if (s["a"][i] == a && s["b"][i] == b && s["x"][i] == x) return s["time_us"][i];
  return 0.0;
}

TEST_CASE("records with known times move the fit to them, and pairs of them its contention") {
  const std::string timings = std::string(TIDELINE_SOURCE) + "/calib/timings";
  records::Record beside = product(999), unseen = product(160), other = product(100);
  beside.company.kind = "beside";
  unseen.shape["m"] = 640;
  other.impl.library = "cuBLASLt";
  const File file({product(150), product(150), beside, unseen, other});
  const nlohmann::ordered_json before =
      read_fitted(catalog::load_gpu("h800"), std::string(TIDELINE_SOURCE) + "/calib/fitted/h800.json");
  const FittedGpu after = fit_gpu(h800(), {.timings = timings, .records = {file.name}});
  CHECK(fitted_us(before, 7168, 16384, 640) == 0.0);
  // Of the place that was measured once before, the median of both runs; on a level with the other version.
  CHECK(fitted_us(after.fitted, 7168, 16384, 512) / fitted_us(before, 7168, 16384, 512) ==
        testing::about(std::sqrt(150.0 / 117.306), 0.01));
  CHECK(fitted_us(after.fitted, 7168, 16384, 640) == testing::about(160, 0.05));
  CHECK(after.used.at("dense_gemm_fp8") == 2);
  CHECK(after.used.at("contention") == 1);
  CHECK(after.fitted["contention"]["tensor"]["high"] == testing::about(999.0 / 150.0, 1e-3));
  CHECK(after.fitted["contention"]["tensor"]["pairs"].get<int>() ==
        before["contention"]["tensor"]["pairs"].get<int>() + 1);
  CHECK(after.left_out.at("dense_gemm_fp8: of cuBLASLt, the family is fitted to DeepGEMM") == 1);
}

TEST_CASE("pairs of a GPU whose contention is taken over are reported") {
  std::vector<records::Record> all{product(117), product(130)};
  all[1].company.kind = "beside";
  for (records::Record& r : all) r.device.name = "NVIDIA H200";
  const File file(all);
  const FittedGpu h200 =
      fit_gpu(catalog::load_gpu("h200"),
              {.timings = std::string(TIDELINE_SOURCE) + "/calib/timings", .records = {file.name}});
  CHECK(h200.left_out.at("contention: pairs, of a GPU without a table of it: taken over as it is") == 1);
}

}  // namespace
}  // namespace tideline::calib
